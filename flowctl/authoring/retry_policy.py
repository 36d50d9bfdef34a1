"""What does a failure mean for the next try? `retry_policy` of a task decides by the exception.

The policy is asked in the attempt, after the failure. It can end a task before its tries are used
up, or change how long the next one waits; it cannot give it more tries than `retries` says.
"""

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowException

_log = logging.getLogger("airflow.task")

ExceptionSpec = type[BaseException] | str


class RetryAction(Enum):
    """What comes after a failure."""

    RETRY = "retry"  # another try, as long as one is left
    FAIL = "fail"  # no other try
    DEFAULT = "default"  # as without a policy


@dataclass(frozen=True)
class RetryDecision:
    """What a policy says about one failure; without a delay the task's own holds."""

    action: RetryAction = RetryAction.DEFAULT
    retry_delay: timedelta | None = None
    reason: str | None = None

    @classmethod
    def fail(cls, reason: str | None = None) -> "RetryDecision":
        """Return that there is no other try."""
        return cls(RetryAction.FAIL, None, reason)

    @classmethod
    def retry(cls, delay: timedelta | None = None, reason: str | None = None) -> "RetryDecision":
        """Return that there is another try, after `delay` if it is given."""
        return cls(RetryAction.RETRY, delay, reason)

    @classmethod
    def default(cls) -> "RetryDecision":
        """Return that the policy has nothing to say."""
        return cls()


class RetryPolicy(ABC):
    """Decides about failures; users derive from it."""

    @abstractmethod
    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any = None
    ) -> RetryDecision:
        """Say what follows a failure.

        Args:
            exception: what was raised; never one that always ends a task.
            try_number: of the try that failed, from 1.
            max_tries: the last try that may be followed by another.
            context: of the task.
        """


def checked_policy(where: str, given: Any) -> RetryPolicy | None:
    """Return the policy that a task was given, None without one.

    Raises:
        AirflowException: it is none.
    """
    if given is not None and not isinstance(given, RetryPolicy):
        raise AirflowException(f"retry_policy of {where} is a RetryPolicy, not {given!r}")
    return given


@dataclass
class RetryRule:
    """What is done about an exception, or about each of several.

    A class may be written as its dotted name; it is imported when a failure is judged.

    Raises:
        ValueError: a text is no dotted name.
    """

    exception: ExceptionSpec | list[ExceptionSpec]
    action: RetryAction = RetryAction.RETRY
    retry_delay: timedelta | None = None
    reason: str | None = None
    match_subclasses: bool = True

    def __post_init__(self) -> None:
        for one in self._classes:
            if isinstance(one, str) and "." not in one:
                raise ValueError(
                    f"exception of a RetryRule is a class or a dotted name such as"
                    f" 'builtins.ValueError', not {one!r}"
                )

    @property
    def _classes(self) -> list[ExceptionSpec]:
        return self.exception if isinstance(self.exception, list) else [self.exception]

    def matches(self, exc: BaseException) -> bool:
        """Say whether the rule is about this exception."""
        kinds = tuple(kind for one in self._classes if (kind := _imported(one)) is not None)
        return isinstance(exc, kinds) if self.match_subclasses else type(exc) in kinds


def _imported(one: ExceptionSpec) -> type[BaseException] | None:
    if not isinstance(one, str):
        return one
    try:
        found: type[BaseException] = import_string(one)
    except ImportError:
        _log.warning("the exception %s of a retry rule cannot be imported; it never matches", one)
        return None
    return found


class ExceptionRetryPolicy(RetryPolicy):
    """The first rule that matches decides, else `default`."""

    def __init__(self, rules: list[RetryRule], default: RetryAction = RetryAction.DEFAULT) -> None:
        self.rules = rules
        self.default = default

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 - part of the contract
        max_tries: int,  # noqa: ARG002 - part of the contract
        context: Any = None,  # noqa: ARG002 - part of the contract
    ) -> RetryDecision:
        """Return what the first matching rule says."""
        for rule in self.rules:
            if rule.matches(exception):
                said = rule.reason or f"a rule for {type(exception).__name__}"
                return RetryDecision(rule.action, rule.retry_delay, said)
        return RetryDecision(self.default)
