"""Wait for a moment."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flowctl import clock
from flowctl.authoring.triggers import BaseTrigger, TaskSuccessEvent, TriggerEvent

SLEEP_S_MAX = 60.0  # a clock that was set forward is noticed this late at most


class DateTimeTrigger(BaseTrigger):
    """Fire at a moment; the task finds the moment as `event`.

    Args:
        moment: with a time zone.
        end_from_trigger: the task has succeeded then, and does not go on.

    Raises:
        TypeError, ValueError: `moment` is no datetime, or has no time zone.
    """

    def __init__(self, moment: datetime, *, end_from_trigger: bool = False) -> None:
        super().__init__()
        if not isinstance(moment, datetime):
            raise TypeError(f"moment is a datetime with a time zone, not {moment!r}")
        if moment.tzinfo is None:
            raise ValueError(f"moment {moment.isoformat()} has no time zone; give it one")
        self.moment = moment.astimezone(UTC)
        self.end_from_trigger = end_from_trigger

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.triggers.temporal.DateTimeTrigger",
            {"moment": self.moment, "end_from_trigger": self.end_from_trigger},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        self.log.info("Waiting until %s", self.moment.isoformat())
        while (left_s := (self.moment - clock.utcnow()).total_seconds()) > 0:
            await asyncio.sleep(min(left_s, SLEEP_S_MAX))
        yield TaskSuccessEvent() if self.end_from_trigger else TriggerEvent(self.moment)


class TimeDeltaTrigger(DateTimeTrigger):
    """Fire a while after the task deferred; a restart of the triggerer does not lengthen it."""

    def __init__(self, delta: timedelta, *, end_from_trigger: bool = False) -> None:
        super().__init__(clock.utcnow() + delta, end_from_trigger=end_from_trigger)
