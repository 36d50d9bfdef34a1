"""Which exceptions do DAG files raise and catch, under the names they know from Airflow?

Three roots matter. `AirflowException` is the one that `except AirflowException` catches; it is also
a `FlowctlError`, so that the edges show its message. The few that ask for something rather than
report something wrong, or that must pass through `except Exception` in user code, derive from
`BaseException`. The warnings derive from `DeprecationWarning`.

What a task says by raising one of them is decided in `runner`; this module only names them.

Source: class names and bases as observed in Airflow 2.10.5 (`tests/authoring/test_exceptions.py`).
"""

from collections.abc import Mapping, Sized
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flowctl.errors import FlowctlError


class AirflowException(FlowctlError):
    """The base of what goes wrong in DAG files and operators; a task that raises it may retry."""


class AirflowBadRequest(AirflowException):
    """Somebody asked for something that makes no sense."""


class AirflowNotFoundException(AirflowException):
    """Somebody asked for something that does not exist, a connection for example."""


# What a task says about its own outcome


class AirflowSkipException(AirflowException):
    """The task ends as skipped."""


class AirflowFailException(AirflowException):
    """The task ends as failed, whatever retries are left."""


class AirflowTaskTimeout(BaseException):
    """The task ran longer than its `execution_timeout`; `except Exception` must not swallow it."""


class AirflowTaskTerminated(BaseException):
    """The task was told from outside to end."""


class AirflowSensorTimeout(AirflowException):
    """A sensor waited longer than it was allowed to."""


class AirflowRescheduleException(AirflowException):
    """The task gives its slot back and wants to be looked at again at `reschedule_date`.

    Raises:
        TypeError: that is no datetime.
    """

    def __init__(self, reschedule_date: datetime) -> None:
        if not isinstance(reschedule_date, datetime):
            raise TypeError(f"a task goes on at a datetime, not at {reschedule_date!r}")
        super().__init__(reschedule_date)
        self.reschedule_date = reschedule_date


class TaskDeferred(BaseException):
    """The task gives its process back until `trigger` fires, then goes on in `method_name`."""

    def __init__(
        self,
        *,
        trigger: Any,
        method_name: str | None,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | float | None = None,
    ) -> None:
        super().__init__()
        self.trigger = trigger
        self.method_name = method_name
        self.kwargs = kwargs
        self.timeout = timeout

    def __str__(self) -> str:
        return f"deferred to {self.method_name!r} until {self.trigger!r} fires"


class TaskDeferralError(AirflowException):
    """The trigger that a deferred task waited for broke."""


class TaskDeferralTimeout(TaskDeferralError):
    """The trigger that a deferred task waited for did not fire in time."""


# What is wrong with a DAG


class AirflowDagCycleException(AirflowException):
    """The tasks of a DAG wait for each other in a circle."""


class AirflowDagDuplicatedIdException(AirflowException):
    """Two files define the same DAG id."""

    def __init__(self, dag_id: str, incoming: str, existing: str) -> None:
        super().__init__(dag_id, incoming, existing)
        self.dag_id = dag_id
        self.incoming = incoming
        self.existing = existing

    def __str__(self) -> str:
        return (
            f"DAG {self.dag_id!r} of {self.incoming} is also defined in {self.existing};"
            " give one of them another id"
        )


class AirflowDagInconsistent(AirflowException):
    """The settings of a DAG contradict each other."""


class AirflowTimetableInvalid(AirflowException):
    """A schedule cannot be understood."""


class DuplicateTaskIdFound(AirflowException):
    """A DAG has two tasks, or two groups, with one id."""


class TaskAlreadyInTaskGroup(AirflowException):
    """A task was put into a second task group."""

    def __init__(self, task_id: str, existing_group_id: str | None, new_group_id: str) -> None:
        super().__init__(task_id, existing_group_id, new_group_id)
        self.task_id = task_id
        self.existing_group_id = existing_group_id
        self.new_group_id = new_group_id

    def __str__(self) -> str:
        home = f"group {self.existing_group_id!r}" if self.existing_group_id else "the DAG itself"
        return (
            f"task {self.task_id!r} belongs to {home} already; it cannot join {self.new_group_id!r}"
        )


class FailStopDagInvalidTriggerRule(AirflowException):
    """A DAG with `fail_stop` has a task whose trigger rule waits for failures."""


class ParamValidationError(AirflowException):
    """A param's value does not fit its JSON schema."""


class SerializationError(AirflowException):
    """A value cannot be stored."""


class DeserializingResultError(ValueError):
    """A task's result, pickled under another Python or other libraries, cannot be read."""


class AirflowClusterPolicyViolation(AirflowException):
    """A site's own policy forbids this DAG or task."""


class AirflowClusterPolicySkipDag(AirflowException):
    """A site's own policy wants this DAG left out, without an error."""


class AirflowClusterPolicyError(AirflowException):
    """A site's own policy is broken."""


class FileSyntaxError(NamedTuple):
    """One mistake in a file, for `AirflowFileParseException`."""

    line_no: int | None
    message: str | None

    def __str__(self) -> str:
        return f"{self.message} (line {self.line_no})"


class AirflowFileParseException(AirflowException):
    """A file of variables or connections cannot be read; says what is wrong on which line."""

    def __init__(self, msg: str, file_path: str, parse_errors: list[FileSyntaxError]) -> None:
        super().__init__(msg, file_path, parse_errors)
        self.msg = msg
        self.file_path = file_path
        self.parse_errors = parse_errors

    def __str__(self) -> str:
        mistakes = "".join(f"\n  {mistake}" for mistake in self.parse_errors)
        return f"{self.file_path}: {self.msg}{mistakes}"


# What cannot be mapped


class UnmappableOperator(AirflowException):
    """This operator cannot be expanded."""


class XComForMappingNotPushed(AirflowException):
    """The task whose result is to be expanded returned nothing."""

    def __str__(self) -> str:
        return super().__str__() or "the task to expand over pushed no return value"


class UnmappableXComTypePushed(AirflowException):
    """The result to be expanded is neither a list nor a dict."""

    def __init__(self, value: Any, *values: Any) -> None:
        super().__init__(value, *values)

    def __str__(self) -> str:
        types = " in ".join(type(value).__qualname__ for value in reversed(self.args))
        return f"a task can be expanded over a list or a dict, not over {types}"


class UnmappableXComLengthPushed(AirflowException):
    """The result to be expanded is longer than the limit."""

    def __init__(self, value: Sized, max_length: int) -> None:
        super().__init__(value, max_length)
        self.value = value
        self.max_length = max_length

    def __str__(self) -> str:
        return f"{len(self.value)} values to expand over, {self.max_length} are allowed"


# What is not there, and what is there twice


class XComNotFound(AirflowException):
    """A task pushed nothing under this key."""

    def __init__(self, dag_id: str, task_id: str, key: str) -> None:
        super().__init__(dag_id, task_id, key)
        self.dag_id = dag_id
        self.task_id = task_id
        self.key = key

    def __str__(self) -> str:
        return f"task {self.task_id!r} of DAG {self.dag_id!r} pushed no XCom {self.key!r}"


class DagNotFound(AirflowNotFoundException):
    """There is no such DAG."""


class DagCodeNotFound(AirflowNotFoundException):
    """There is no stored source for this DAG."""


class DagRunNotFound(AirflowNotFoundException):
    """There is no such run."""


class TaskNotFound(AirflowNotFoundException):
    """The DAG has no such task."""


class TaskInstanceNotFound(AirflowNotFoundException):
    """The run has no such task."""


class PoolNotFound(AirflowNotFoundException):
    """There is no such pool."""


class DagRunAlreadyExists(AirflowBadRequest):
    """A run with this id, or for this logical date, exists."""

    def __init__(self, dag_run: Any, execution_date: datetime, run_id: str) -> None:
        super().__init__(dag_run, execution_date, run_id)
        self.dag_run = dag_run
        self.execution_date = execution_date
        self.run_id = run_id

    def __str__(self) -> str:
        return (
            f"DAG {self.dag_run.dag_id!r} already has a run {self.run_id!r}"
            f" or one at {self.execution_date}"
        )


class DagFileExists(AirflowBadRequest):
    """A DAG file of that name is there already."""


class ConnectionNotUnique(AirflowException):
    """More than one connection has this id."""


# What is full, late or unfinished


class NoAvailablePoolSlot(AirflowException):
    """The pool has no free slot."""


class DagConcurrencyLimitReached(AirflowException):
    """The DAG runs as many tasks as it may."""


class TaskConcurrencyLimitReached(AirflowException):
    """The task runs as often at once as it may."""


class AirflowWebServerTimeout(AirflowException):
    """The web server did not come up in time."""


class BackfillUnfinished(AirflowException):
    """A backfill ended before all of its runs did; `ti_status` tells how far each one came."""

    def __init__(self, message: str, ti_status: Mapping[str, Any] | Any) -> None:
        super().__init__(message, ti_status)
        self.ti_status = ti_status

    def __str__(self) -> str:
        return str(self.args[0])


# What is wrong with the installation


class AirflowConfigException(AirflowException):
    """An option is missing or has a value that is not allowed."""


class AirflowOptionalProviderFeatureException(AirflowException):
    """A provider package needs another package for what it was asked to do."""


class AirflowInternalRuntimeError(BaseException):
    """User code reached for something that it must not touch."""


class InvalidStatsNameException(AirflowException):
    """This is no name for a metric."""


class UnknownExecutorException(ValueError):
    """There is no executor of that name."""


class PodMutationHookException(AirflowException):
    """The site's hook that changes pods is broken."""


class PodReconciliationError(AirflowException):
    """Two descriptions of a pod cannot be merged."""


class RemovedInAirflow3Warning(DeprecationWarning):
    """Airflow 3 no longer has this; flowctl does."""


class AirflowProviderDeprecationWarning(DeprecationWarning):
    """A provider package will drop this."""
