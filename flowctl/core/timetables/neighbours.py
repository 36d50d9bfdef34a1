"""Which logical dates of a schedule lie next to a moment, whether or not runs exist for them?

Source: what `following_schedule` and `previous_schedule` of Airflow 2.10.5's DAG answer.
"""

from datetime import datetime, timedelta

from flowctl.core.spec import ScheduleSpec
from flowctl.core.timetables import Asked, timetable_of

_TICK = timedelta(microseconds=1)


def following(schedule: ScheduleSpec, moment: datetime) -> datetime | None:
    """Return the logical date after `moment`; None where there is no rhythm."""
    if schedule.kind not in ("cron", "delta"):
        return None
    earliest = moment if schedule.kind == "delta" else moment + _TICK
    due = timetable_of(schedule).next_due(Asked(None, earliest, None, True, moment))
    if due is None:
        return None
    return due.interval_end if schedule.kind == "delta" else due.logical_date


def preceding(schedule: ScheduleSpec, moment: datetime) -> datetime | None:
    """Return the logical date before `moment`; None where there are no intervals."""
    if schedule.trigger:
        return None
    if schedule.kind == "delta":
        return timetable_of(schedule).manual_interval(moment)[0]
    if schedule.kind == "cron":
        return timetable_of(schedule).manual_interval(moment - _TICK)[1]
    return None
