"""The timetable of each kind of schedule."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from flowctl.core.spec import ScheduleSpec
from flowctl.core.timetables.contract import ScheduleError, Timetable
from flowctl.core.timetables.periodic import CronIntervals, CronMoments, DeltaIntervals
from flowctl.core.timetables.single import Continuous, Never, Once
from flowctl.late import Late

if TYPE_CHECKING:
    from dateutil import relativedelta

    from flowctl.core.timetables import ticks, zones
else:
    relativedelta = Late("dateutil.relativedelta")
    ticks = Late("flowctl.core.timetables.ticks")
    zones = Late("flowctl.core.timetables.zones")

PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""Cron expressions by name. `@once` and `@continuous` are kinds of their own."""

_KEPT_MAX = 20_000  # above any number of schedules in use; a cron timetable is some kB


def timetable_of(schedule: ScheduleSpec) -> Timetable:
    """Return the timetable of `schedule`; equal schedules share one.

    Raises:
        ScheduleError: the schedule has a bad expression, zone or duration.
    """
    return _made(_Key(schedule))


class _Key:
    """A schedule as the key of a cache; the spec itself holds a dict and has no hash."""

    def __init__(self, schedule: ScheduleSpec) -> None:
        self.schedule = schedule

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.schedule == other.schedule

    def __hash__(self) -> int:
        spec = self.schedule
        return hash((spec.kind, spec.expression, spec.timezone, spec.delta))


@lru_cache(maxsize=_KEPT_MAX)
def _made(key: _Key) -> Timetable:
    return _KINDS[key.schedule.kind](key.schedule)


def _cron(schedule: ScheduleSpec) -> Timetable:
    expression = PRESETS.get(schedule.expression, schedule.expression)
    strikes = ticks.CronTicks(expression, zones.zone_of(schedule.timezone))
    kind = CronMoments if schedule.trigger else CronIntervals
    return kind(schedule.summary or expression, strikes)


def _delta(schedule: ScheduleSpec) -> Timetable:
    delta = schedule.delta
    if delta is not None:
        return DeltaIntervals(schedule.summary or str(delta), delta)
    try:
        relative = relativedelta.relativedelta(**schedule.relative)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ScheduleError(f"schedule {schedule.relative} is not a duration: {error}") from error
    return DeltaIntervals(schedule.summary or str(relative), relative)


_KINDS: dict[str, Callable[[ScheduleSpec], Timetable]] = {
    "none": lambda schedule: Never(schedule.summary or "None"),
    "once": lambda schedule: Once(schedule.summary or "@once"),
    "continuous": lambda schedule: Continuous(schedule.summary or "@continuous"),
    "cron": _cron,
    "delta": _delta,
}
