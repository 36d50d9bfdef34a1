"""Wait for a while: after the end of the run's interval, or after the start of the task."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flowctl import clock
from flowctl.authoring.exceptions import AirflowRescheduleException, AirflowSkipException
from flowctl.authoring.settings import NOTSET, pick
from flowctl.sensors.base import BaseSensorOperator
from flowctl.triggers.temporal import DateTimeTrigger, TimeDeltaTrigger

While = timedelta | int | str


class TimeDeltaSensor(BaseSensorOperator):
    """Waits until `delta` has passed since the end of the run's data interval.

    Args:
        delta: a timedelta, or minutes.
        deferrable: wait in the triggerer; default is `[operators] default_deferrable`.
        end_from_trigger: end there, too.
    """

    template_fields: Sequence[str] = ("delta",)

    def __init__(
        self,
        *,
        delta: While,
        deferrable: bool = NOTSET,
        end_from_trigger: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.delta = delta
        self.deferrable = pick(deferrable, "deferrable")
        self.end_from_trigger = end_from_trigger

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: that is what it is for."""
        return True

    def _moment(self, context: Any) -> datetime:
        end: datetime = context["data_interval_end"] or context["dag_run"].run_after
        return end + duration(self.delta)

    def poke(self, context: Any) -> bool:
        """Say whether the while is over."""
        moment = self._moment(context)
        self.log.info("Waiting for %s", moment)
        return clock.utcnow() > moment

    def execute(self, context: Any) -> Any:
        """Wait, here or in the triggerer.

        Returns:
            True where a task that is `deferrable` has nothing to wait for.
        """
        if not self.deferrable:
            return super().execute(context)
        if self.poke(context):
            return True
        try:
            moment = self._moment(context)
            trigger = DateTimeTrigger(moment, end_from_trigger=self.end_from_trigger)
        except (TypeError, ValueError) as error:
            if self.soft_fail:
                raise AirflowSkipException(f"soft_fail is set: {error}") from error
            raise
        self.defer(
            trigger=trigger,
            method_name="execute_complete",
            timeout=timedelta(seconds=self.timeout),
        )

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Go on when the while is over."""


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """Waits in the triggerer until `delta` has passed since the end of the data interval."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(deferrable=True, **kwargs)


class WaitSensor(BaseSensorOperator):
    """Waits for a while from its start.

    Args:
        time_to_wait: a timedelta, or minutes.
        deferrable: wait in the triggerer; default is `[operators] default_deferrable`.
    """

    template_fields: Sequence[str] = ("time_to_wait",)

    def __init__(self, time_to_wait: While, deferrable: bool = NOTSET, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.time_to_wait = time_to_wait
        self.deferrable = pick(deferrable, "deferrable")

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: that is what it is for."""
        return True

    def execute(self, context: Any) -> None:
        """Wait: in this process, without one, or in the triggerer."""
        wait = duration(self.time_to_wait)
        if self.deferrable:
            self.defer(
                trigger=TimeDeltaTrigger(wait, end_from_trigger=True),
                method_name="execute_complete",
            )
        moment = context["ti"].start_date + wait
        if self.reschedule and clock.utcnow() < moment:
            raise AirflowRescheduleException(moment)
        while (left_s := (moment - clock.utcnow()).total_seconds()) > 0:
            threading.Event().wait(left_s)

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Go on when the while is over."""


def duration(given: While) -> timedelta:
    """Return a duration that was given as one or in minutes."""
    return given if isinstance(given, timedelta) else timedelta(minutes=int(given))
