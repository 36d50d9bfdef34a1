"""Wait for a time of day."""

from datetime import datetime, time
from typing import Any

from flowctl import clock
from flowctl.authoring import timezone
from flowctl.authoring.settings import NOTSET, pick
from flowctl.sensors.base import BaseSensorOperator
from flowctl.sensors.date_time import at_moment
from flowctl.triggers.temporal import DateTimeTrigger


class TimeSensor(BaseSensorOperator):
    """Waits for a time of the day on which the try began, in the DAG's time zone.

    Args:
        target_time: the time of day.
        deferrable: wait in the triggerer; default is `[operators] default_deferrable`.
        start_from_trigger: begin there, too.
        end_from_trigger: end there, too.
        trigger_kwargs: what the trigger gets at the start, instead of `target_time`.
    """

    start_trigger_args = at_moment()

    def __init__(
        self,
        *,
        target_time: time,
        deferrable: bool = NOTSET,
        start_from_trigger: bool = False,
        end_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(target_time, time):
            raise TypeError(
                f"target_time of task {self.task_id!r} is a datetime.time, not {target_time!r}"
            )
        self.target_time = target_time
        self.deferrable = pick(deferrable, "deferrable")
        self.start_from_trigger = start_from_trigger
        self.end_from_trigger = end_from_trigger
        if start_from_trigger and self.start_trigger_args is not None:
            waiting = {"moment": self.target_datetime, "end_from_trigger": end_from_trigger}
            self.start_trigger_args.trigger_kwargs = trigger_kwargs or waiting

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: that is what it is for."""
        return True

    @property
    def target_datetime(self) -> datetime:
        """Return the moment that is meant today."""
        return self._on_day_of(clock.utcnow())

    def _on_day_of(self, moment: datetime) -> datetime:
        zone = self.dag.timezone
        day = timezone.make_naive(moment, zone).date()
        return timezone.convert_to_utc(
            timezone.coerce_datetime(datetime.combine(day, self.target_time), zone)
        )  # type: ignore[return-value]  # of a datetime it is one

    def poke(self, context: Any) -> bool:
        """Say whether it has come."""
        moment = self._on_day_of(context["ti"].start_date)
        self.log.info("Waiting for %s", moment)
        return clock.utcnow() > moment

    def execute(self, context: Any) -> Any:
        """Wait, here or in the triggerer."""
        if not self.deferrable:
            return super().execute(context)
        moment = self._on_day_of(context["ti"].start_date)
        self.defer(
            trigger=DateTimeTrigger(moment, end_from_trigger=self.end_from_trigger),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Go on when the time has come."""


class TimeSensorAsync(TimeSensor):
    """Waits for a time of day in the triggerer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(deferrable=True, **kwargs)
