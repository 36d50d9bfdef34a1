"""The timetable of each kind of schedule."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from flowctl.core.spec import ScheduleSpec
from flowctl.core.timetables.contract import ScheduleError, Timetable
from flowctl.core.timetables.moments import CronMoments, DeltaMoments, SeveralMoments
from flowctl.core.timetables.periodic import CronIntervals, DeltaIntervals
from flowctl.core.timetables.single import Continuous, Events, Never, Once, Own, WhenUpdated
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
    if schedule.trigger:
        return _strikes(schedule, schedule.expression, schedule.summary)
    expression, ticks = _ticks(schedule, schedule.expression)
    return CronIntervals(schedule.summary or expression, ticks)


def _crons(schedule: ScheduleSpec) -> Timetable:
    rows = [_strikes(schedule, expression, "") for expression in schedule.expressions]
    if not rows:
        raise ScheduleError("a schedule of several cron expressions needs one at least")
    return SeveralMoments(schedule.summary or ", ".join(row.summary for row in rows), rows)


def _strikes(schedule: ScheduleSpec, expression: str, summary: str) -> CronMoments:
    expression, ticks = _ticks(schedule, expression)
    return CronMoments(
        summary or expression,
        ticks,
        _length(schedule.interval, schedule.relative_interval, timedelta(0)),
        needs_start=schedule.needs_start,
        run_immediately=schedule.run_immediately,
    )


def _ticks(schedule: ScheduleSpec, expression: str) -> "tuple[str, ticks.CronTicks]":
    expression = PRESETS.get(expression, expression)
    return expression, ticks.CronTicks(expression, zones.zone_of(schedule.timezone))


def _delta(schedule: ScheduleSpec) -> Timetable:
    delta = _length(schedule.delta, schedule.relative)
    summary = schedule.summary or str(delta)
    if not schedule.trigger:
        return DeltaIntervals(summary, delta)
    interval = _length(schedule.interval, schedule.relative_interval, timedelta(0))
    return DeltaMoments(summary, delta, interval)


def _length(
    delta: timedelta | None, relative: Mapping[str, int], default: timedelta | None = None
) -> "timedelta | relativedelta.relativedelta":
    """Return a duration, whichever way it is written.

    Raises:
        ScheduleError: it is none.
    """
    if not relative and default is not None:
        return default if delta is None else delta
    if delta is not None:
        return delta
    try:
        return relativedelta.relativedelta(**relative)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ScheduleError(f"schedule {relative} is not a duration: {error}") from error


def _events(schedule: ScheduleSpec) -> Timetable:
    return Events(
        schedule.summary or f"{len(schedule.dates)} events",
        schedule.dates,
        is_restricted=schedule.restrict_to_events,
        description=schedule.description or schedule.summary,
    )


def _own(schedule: ScheduleSpec) -> Timetable:
    return Own(
        schedule.summary or schedule.timetable.rpartition(".")[2],
        description=schedule.description,
        is_scheduled=schedule.can_be_scheduled,
        runs_limit=schedule.active_runs_limit,
    )


_KINDS: dict[str, Callable[[ScheduleSpec], Timetable]] = {
    "none": lambda schedule: Never(schedule.summary or "None"),
    "assets": lambda schedule: WhenUpdated(schedule.summary or "Asset"),
    "once": lambda schedule: Once(schedule.summary or "@once", needs_start=schedule.needs_start),
    "continuous": lambda schedule: Continuous(
        schedule.summary or "@continuous", needs_start=schedule.needs_start
    ),
    "cron": _cron,
    "crons": _crons,
    "delta": _delta,
    "events": _events,
    "own": _own,
}
