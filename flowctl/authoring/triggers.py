"""What does a task wait for while it has no process? A trigger, which runs in the triggerer.

A trigger is made twice: by the task that defers, and from what `serialize` returns in the process
that waits. It ends the waiting by yielding an event: the task goes on in a method of its operator,
or, with a `BaseTaskEndEvent`, has ended. What a trigger is made of must be plain data
(`authoring.serialization`).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from flowctl.authoring import serialization
from flowctl.authoring.exceptions import AirflowException, SerializationError
from flowctl.authoring.logging_mixin import LoggingMixin
from flowctl.core.states import TaskState

MODULE_OF_FILE = "flowctl_dag_"
"""How the name begins under which a DAG file is imported."""


class TriggerEvent:
    """What a trigger waited for has happened; the task finds `payload` as `event`."""

    def __init__(self, payload: Any) -> None:
        self.payload = payload

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TriggerEvent) and other.payload == self.payload

    __hash__ = None  # type: ignore[assignment]  # a payload may change

    def __repr__(self) -> str:
        return f"TriggerEvent<{self.payload!r}>"


class BaseTaskEndEvent(TriggerEvent):
    """The task ends with this event: no process is started for it any more.

    Args:
        xcoms: what the task leaves, by key.
    """

    task_instance_state: ClassVar[TaskState]

    def __init__(self, *, xcoms: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if kwargs:
            raise ValueError(
                f"{type(self).__name__} takes xcoms and nothing else, not {', '.join(kwargs)}"
            )
        super().__init__(self.task_instance_state)
        self.xcoms = xcoms


class TaskSuccessEvent(BaseTaskEndEvent):
    """The task ends successfully."""

    task_instance_state = TaskState.SUCCESS


class TaskFailedEvent(BaseTaskEndEvent):
    """The try failed; another follows if one is left."""

    task_instance_state = TaskState.FAILED


class TaskSkippedEvent(BaseTaskEndEvent):
    """The task ends as skipped."""

    task_instance_state = TaskState.SKIPPED


@dataclass
class StartTriggerArgs:
    """How a task with `start_from_trigger` begins: deferred, without any process before that."""

    trigger_cls: str  # "package.module.Class"
    next_method: str
    trigger_kwargs: dict[str, Any] | None = None
    next_kwargs: dict[str, Any] | None = None
    timeout: timedelta | None = None


class BaseTrigger(LoggingMixin):
    """Waits for something, in the loop of the triggerer; see the module.

    `task_instance` is set before `run`; None for a trigger that belongs to no task.
    """

    task_instance: Any = None
    trigger_id: Any = None

    def __init__(self, **kwargs: Any) -> None:  # noqa: ARG002 - Airflow's, for subclasses that pass on
        super().__init__()

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the path of the class and the arguments that make this trigger anew."""
        raise NotImplementedError(f"{type(self).__name__} needs a method serialize")

    def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, and yield an event: `async def run(self)` with a `yield` in it.

        It shares its thread with all other triggers, so it must await whatever takes time. It is
        run again, from the start, when the triggerer is restarted.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method run")

    async def cleanup(self) -> None:
        """Let go of what the trigger holds in this process; called however `run` ends."""

    async def on_kill(self) -> None:
        """End what the trigger waits for: somebody cleared or ended its task meanwhile."""

    def __repr__(self) -> str:
        classpath, kwargs = self.serialize()
        return f"<{classpath} {', '.join(f'{name}={value}' for name, value in kwargs.items())}>"


def short_name(classpath: str) -> str:
    """Return what people call a trigger: the name of a DAG file's own module says nothing."""
    module, _, name = classpath.rpartition(".")
    return name if module.startswith(MODULE_OF_FILE) else classpath


def plain_text(what: str, kwargs: dict[str, Any]) -> str:
    """Return arguments of a trigger, or of the method that goes on, as they are stored.

    Raises:
        AirflowException: one of them is no plain data; `what` names them in the message.
    """
    try:
        return serialization.dumps(kwargs)
    except SerializationError as error:
        raise AirflowException(f"{what} must be plain data: {error}") from error


class BaseEventTrigger(BaseTrigger):
    """A trigger that may fire again and again and belongs to no task: it watches an asset."""
