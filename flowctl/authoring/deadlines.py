"""By when a run has to be done, and what happens if it is not: `deadline=` of a DAG."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.moments import utc_moment
from flowctl.late import Late

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = Late("asyncio")


@dataclass(frozen=True)
class Reference:
    """The moment from which the time of a deadline runs."""

    kind: str  # of `core.spec.DeadlineSpec`
    moment: datetime | None = None


class DeadlineReference:
    """The moments there are."""

    DAGRUN_LOGICAL_DATE: ClassVar[Reference] = Reference("logical_date")
    DAGRUN_QUEUED_AT: ClassVar[Reference] = Reference("queued_at")

    @staticmethod
    def FIXED_DATETIME(moment: datetime) -> Reference:
        """Return one moment for all runs."""
        return Reference("fixed", utc_moment(moment, "the moment of a deadline"))

    @staticmethod
    def AVERAGE_RUNTIME(max_runs: int = 10, min_runs: int | None = None) -> Reference:  # noqa: ARG004 - Airflow's
        """Complain: flowctl does not know how long a run will take.

        Raises:
            AirflowException: always.
        """
        raise AirflowException(
            "a deadline by AVERAGE_RUNTIME is not supported; use DAGRUN_QUEUED_AT and an interval"
        )


class SyncCallback:
    """A function to call, or its dotted name, with keyword arguments."""

    def __init__(
        self,
        callback_callable: Callable[..., Any] | str,
        kwargs: dict[str, Any] | None = None,
        executor: str | None = None,  # noqa: ARG002 - callbacks of flowctl have a process of their own
    ) -> None:
        self.callback = callback_callable
        self.kwargs = kwargs or {}

    def run(self, context: Any) -> None:
        """Call it; it gets `context` where its signature takes that."""
        function: Any = self.callback
        if isinstance(function, str):
            function = import_string(function)
        kwargs = {**self.kwargs, **({"context": context} if _takes_context(function) else {})}
        result = function(**kwargs)
        if inspect.isawaitable(result):
            asyncio.run(_awaited(result))
        elif not inspect.isclass(function) or not callable(result):
            return
        else:  # a notifier, named by its class
            result(context)


class AsyncCallback(SyncCallback):
    """The same for a coroutine function."""


async def _awaited(result: Any) -> Any:
    return await result


def _takes_context(function: Callable[..., Any]) -> bool:
    if inspect.isclass(function):
        return False
    parameters = inspect.signature(function).parameters
    return "context" in parameters or any(
        one.kind is one.VAR_KEYWORD for one in parameters.values()
    )


class DeadlineAlert:
    """Calls `callback` if a run is not done `interval` after `reference`.

    Raises:
        AirflowException: an argument makes no sense.
    """

    def __init__(
        self, reference: Reference, interval: timedelta, callback: Any, name: str | None = None
    ) -> None:
        if not isinstance(reference, Reference):
            raise AirflowException(
                f"reference of a deadline is one of DeadlineReference, not {reference!r}"
            )
        if not isinstance(interval, timedelta):
            raise AirflowException(f"interval of a deadline is a timedelta, not {interval!r}")
        if not isinstance(callback, SyncCallback):
            raise AirflowException(
                f"callback of a deadline is a SyncCallback or AsyncCallback, not {callback!r}"
            )
        self.reference = reference
        self.interval = interval
        self.callback = callback
        self.name = name


def checked(where: str, given: Any) -> list[DeadlineAlert]:
    """Return one or several deadlines as a list.

    Raises:
        AirflowException: something among them is none.
    """
    several = list(given) if isinstance(given, Iterable) else [given] if given else []
    for one in several:
        if not isinstance(one, DeadlineAlert):
            raise AirflowException(f"deadline of {where} is a DeadlineAlert, not {one!r}")
    return several
