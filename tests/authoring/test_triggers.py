"""What authors write: triggers, events, `defer`, and how a task goes on."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from flowctl.authoring.dag import DAG
from flowctl.authoring.deferring import TRIGGER_TIMEOUT
from flowctl.authoring.exceptions import TaskDeferralError, TaskDeferralTimeout, TaskDeferred
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.triggers import (
    BaseTrigger,
    StartTriggerArgs,
    TaskFailedEvent,
    TaskSuccessEvent,
    TriggerEvent,
)
from flowctl.core.states import TaskState


class Bell(BaseTrigger):
    """Fires at once."""

    def __init__(self, tone: str) -> None:
        super().__init__()
        self.tone = tone

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return ("bells.Bell", {"tone": self.tone})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        yield TriggerEvent(self.tone)


class Sleeper(BaseOperator):
    """Waits for a bell."""

    def execute(self, context: Any) -> Any:  # noqa: ARG002 - an operator's signature
        self.defer(
            trigger=Bell("c"), method_name="wake", kwargs={"by": 1}, timeout=timedelta(hours=1)
        )

    def wake(self, context: Any, event: Any = None, by: int = 0) -> Any:
        return (context, event, by)


class Early(Sleeper):
    """Begins deferred."""

    start_trigger_args = StartTriggerArgs("bells.Bell", "wake", {"tone": "d"})
    start_from_trigger = True


def task(kind: type[BaseOperator] = Sleeper, task_id: str = "sleeper") -> Any:
    return kind(task_id=task_id, dag=DAG(f"d_{task_id}", schedule=None))


def test_defer_ends_the_process_with_what_to_wait_for() -> None:
    with pytest.raises(TaskDeferred) as raised:
        task().execute({})

    asked = raised.value
    assert (asked.method_name, asked.kwargs, asked.timeout) == (
        "wake",
        {"by": 1},
        timedelta(hours=1),
    )
    assert asked.trigger.serialize() == ("bells.Bell", {"tone": "c"})


def test_a_task_goes_on_in_its_method_with_event_and_kwargs() -> None:
    assert task().resume_execution("wake", {"by": 1, "event": "c"}, "ctx") == ("ctx", "c", 1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [("Trigger failure", TaskDeferralError), (TRIGGER_TIMEOUT, TaskDeferralTimeout)],
)
def test_a_task_fails_whose_trigger_brought_nothing(error: str, kind: type[Exception]) -> None:
    """Both kinds are caught as TaskDeferralError, as 2.10 raises it for both."""
    with pytest.raises(TaskDeferralError, match=error) as raised:
        task().resume_execution("__fail__", {"error": error, "traceback": ["line 1"]}, {})

    assert type(raised.value) is kind


def test_tasks_that_begin_deferred_do_not_share_their_arguments() -> None:
    """Operators of Airflow change them in their constructors."""
    one, other = task(Early, "one"), task(Early, "other")

    one.start_trigger_args.trigger_kwargs = {"tone": "e"}

    assert other.start_trigger_args.trigger_kwargs == {"tone": "d"}
    assert Early.start_trigger_args == StartTriggerArgs("bells.Bell", "wake", {"tone": "d"})


def test_events_are_equal_by_what_they_carry() -> None:
    assert TriggerEvent({"a": 1}) == TriggerEvent({"a": 1})
    assert TriggerEvent(1) != TriggerEvent(2)
    assert repr(TriggerEvent("x")) == "TriggerEvent<'x'>"


def test_an_event_that_ends_the_task_takes_xcoms_only() -> None:
    assert TaskSuccessEvent(xcoms={"k": 1}).payload is TaskState.SUCCESS
    with pytest.raises(ValueError, match="TaskFailedEvent takes xcoms"):
        TaskFailedEvent(payload=1)


def test_a_trigger_shows_what_it_is_made_of() -> None:
    assert repr(Bell("c")) == "<bells.Bell tone=c>"
