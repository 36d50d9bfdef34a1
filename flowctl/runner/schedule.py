"""Which dates lie next to a run, by the schedule of its DAG?"""

from datetime import UTC, datetime
from typing import Any

from flowctl.core.attempt import RunFacts
from flowctl.core.timetables import Interval, Timetable, timetable_of


def timetable_for(dag: Any) -> Timetable:
    """Return the timetable of a user's DAG."""
    return timetable_of(dag.schedule_spec)


def next_date(dag: Any, run: RunFacts) -> datetime | None:
    """Return the logical date of the run that the schedule puts after `run`, None without one."""
    last = (
        run.data_interval_start or run.logical_date,
        run.data_interval_end or run.logical_date,
    )
    due = timetable_for(dag).next_due(last, None, None, True, run.logical_date)
    return due.logical_date if due and last[0] < last[1] else None


def previous_date(dag: Any, run: RunFacts) -> datetime | None:
    """Return the logical date that the schedule puts before `run`, None without one.

    It is the start of the interval that ends where this one begins.
    """
    start, _end = timetable_for(dag).manual_interval(run.logical_date.astimezone(UTC))
    return start if start < run.logical_date else None


def manual_interval(dag: Any, moment: datetime) -> Interval:
    """Return the data interval of a run that a person starts at `moment`."""
    return timetable_for(dag).manual_interval(moment)
