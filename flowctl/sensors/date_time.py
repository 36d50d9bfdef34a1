"""Wait for a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

from flowctl import clock
from flowctl.authoring import timezone
from flowctl.authoring.triggers import StartTriggerArgs
from flowctl.sensors.base import BaseSensorOperator
from flowctl.triggers.temporal import DateTimeTrigger


def at_moment() -> StartTriggerArgs:
    """Return how a task begins in the triggerer that waits for a moment."""
    return StartTriggerArgs(
        trigger_cls="airflow.triggers.temporal.DateTimeTrigger",
        trigger_kwargs={"moment": "", "end_from_trigger": False},
        next_method="execute_complete",
        next_kwargs=None,
        timeout=None,
    )


class DateTimeSensor(BaseSensorOperator):
    """Waits for a moment.

    Args:
        target_time: the moment, a datetime or an ISO text; without a zone it is meant in UTC.

    Raises:
        TypeError: it is neither.
    """

    template_fields: Sequence[str] = ("target_time",)

    def __init__(self, *, target_time: str | datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(target_time, str | datetime):
            raise TypeError(
                f"target_time of task {self.task_id!r} is a datetime or a text, not {target_time!r}"
            )
        self.target_time = (
            target_time.isoformat() if isinstance(target_time, datetime) else target_time
        )

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: that is what it is for."""
        return True

    @property
    def moment(self) -> datetime:
        """Return the moment."""
        return timezone.parse(self.target_time)

    def poke(self, context: Any) -> bool:  # noqa: ARG002 - Airflow's signature
        """Say whether it has come."""
        self.log.info("Waiting for %s", self.target_time)
        return clock.utcnow() > self.moment


class DateTimeSensorAsync(DateTimeSensor):
    """Waits for a moment in the triggerer, without a process.

    Args:
        start_from_trigger: begin there, too, unless `target_time` is a template.
        trigger_kwargs: what the trigger gets then, instead of `target_time`.
        end_from_trigger: end there, too.
    """

    start_trigger_args = at_moment()

    def __init__(
        self,
        *,
        start_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        end_from_trigger: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.end_from_trigger = end_from_trigger
        self.start_from_trigger = start_from_trigger and "{" not in self.target_time
        if self.start_from_trigger and self.start_trigger_args is not None:
            waiting = {"moment": self.moment, "end_from_trigger": end_from_trigger}
            self.start_trigger_args.trigger_kwargs = trigger_kwargs or waiting

    def execute(self, context: Any) -> NoReturn:  # noqa: ARG002 - Airflow's signature
        """Hand over to the triggerer."""
        self.defer(
            trigger=DateTimeTrigger(self.moment, end_from_trigger=self.end_from_trigger),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Go on when the moment has come."""
