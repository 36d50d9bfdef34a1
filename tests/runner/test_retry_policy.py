"""A task's `retry_policy` decides by the exception whether and when it is tried again."""

from datetime import timedelta
from typing import Any

import pytest

from flowctl.authoring.exceptions import AirflowFailException, AirflowSkipException
from flowctl.authoring.retry_policy import (
    ExceptionRetryPolicy,
    RetryAction,
    RetryDecision,
    RetryPolicy,
    RetryRule,
)
from flowctl.core.states import TaskState
from tests.runner.fakes import Task, attempt

RULES = ExceptionRetryPolicy(
    [
        RetryRule(PermissionError, RetryAction.FAIL, reason="the password is wrong"),
        RetryRule([TimeoutError, "builtins.KeyError"], retry_delay=timedelta(hours=2)),
        RetryRule(OSError, RetryAction.FAIL, match_subclasses=False),
    ]
)


def raising(error: BaseException, policy: RetryPolicy) -> Task:
    """Return a task that fails with `error`."""

    def fails(*_: Any) -> None:
        raise error

    return Task(fails, retry_policy=policy)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (PermissionError("no"), TaskState.FAILED),
        (TimeoutError("slow"), TaskState.UP_FOR_RETRY),
        (OSError("broken"), TaskState.FAILED),
        (FileNotFoundError("a kind of OSError"), TaskState.UP_FOR_RETRY),
        (ValueError("no rule"), TaskState.UP_FOR_RETRY),
        (AirflowFailException("always the end"), TaskState.FAILED),
        (AirflowSkipException("no failure"), TaskState.SKIPPED),
    ],
)
def test_the_first_rule_that_matches_decides(error: BaseException, state: TaskState) -> None:
    """Two tries are left in any case."""
    assert attempt(raising(error, RULES), max_tries=2).outcome.state is state


def test_a_rule_may_change_how_long_the_next_try_waits() -> None:
    """The task's own delay, five minutes, holds for the others."""
    waits = [
        (outcome.retry_at - outcome.ended_at).total_seconds()
        for error in (KeyError("x"), ValueError("x"))
        if (outcome := attempt(raising(error, RULES), max_tries=2).outcome).retry_at
    ]

    assert waits == [7200, 300]


def test_a_policy_cannot_give_more_tries_than_the_task_has() -> None:
    """`retries` stays the limit."""
    task = raising(TimeoutError("slow"), RULES)

    assert attempt(task, try_number=3, max_tries=2).outcome.state is TaskState.FAILED


def test_a_policy_of_the_user_sees_the_exception_and_the_tries() -> None:
    """It is the user's code, in the attempt."""
    seen = []

    class Mine(RetryPolicy):
        def evaluate(
            self, exception: BaseException, try_number: int, max_tries: int, context: Any = None
        ) -> RetryDecision:
            seen.append((str(exception), try_number, max_tries, context["ti"].task_id))
            return RetryDecision.fail("enough")

    outcome = attempt(raising(ValueError("x"), Mine()), try_number=2, max_tries=5).outcome

    assert outcome.state is TaskState.FAILED
    assert seen == [("x", 2, 5, "load")]


def test_a_policy_that_fails_itself_is_left_out() -> None:
    """The task is retried as without one."""

    class Broken(RetryPolicy):
        def evaluate(self, *_: Any, **__: Any) -> RetryDecision:
            raise RuntimeError("bug")

    assert attempt(raising(ValueError("x"), Broken()), max_tries=1).outcome.state is (
        TaskState.UP_FOR_RETRY
    )


def test_a_name_of_an_exception_without_a_dot_is_a_mistake() -> None:
    """It could never be imported."""
    with pytest.raises(ValueError, match=r"dotted name such as 'builtins.ValueError', not 'Value'"):
        RetryRule("Value")
