"""Which dates belong to a run, and lie next to it, by the schedule of its DAG?"""

from datetime import UTC, datetime
from typing import Any

from flowctl.authoring import run_dates
from flowctl.authoring.moments import plain_utc, shown
from flowctl.authoring.timetables.contract import DataInterval
from flowctl.core.attempt import RunFacts
from flowctl.core.states import RunType
from flowctl.core.timetables import Asked, Interval, timetable_of


def next_date(dag: Any, run: RunFacts) -> datetime | None:
    """Return the logical date of the run that the schedule puts after `run`, None without one."""
    last = (
        run.data_interval_start or run.logical_date,
        run.data_interval_end or run.logical_date,
    )
    if dag.schedule_spec.kind == "own":
        info = run_dates.next_dagrun_info(dag, DataInterval(*map(shown, last)), restricted=False)
        return info and info.logical_date
    due = timetable_of(dag.schedule_spec).next_due(Asked(last, None, None, True, run.logical_date))
    return due.logical_date if due else None


def previous_date(dag: Any, run: RunFacts) -> datetime | None:
    """Return the logical date that the schedule puts before `run`, None without one.

    It is the start of the interval that ends where this one begins; a schedule whose runs stand for
    moments has none, as in Airflow.
    """
    schedule = dag.schedule_spec
    if schedule.kind == "own":
        return run_dates.previous(dag, run.logical_date)
    if schedule.trigger:
        return None
    timetable = timetable_of(schedule)
    start, _end = timetable.manual_interval(run.logical_date.astimezone(UTC))
    return start if start < run.logical_date else None


def manual_interval(dag: Any, moment: datetime) -> Interval:
    """Return the data interval of a run that a person starts at `moment`.

    Raises:
        AirflowTimetableInvalid: the user's timetable answers nonsense.
        Whatever else it raises.
    """
    if dag.schedule_spec.kind != "own":
        return timetable_of(dag.schedule_spec).manual_interval(moment)
    timetable = dag.timetable
    answer = timetable.infer_manual_data_interval(run_after=shown(moment))
    start, end = run_dates.checked_interval(answer, timetable)
    return plain_utc(start), plain_utc(end)


def facts_at(dag: Any, moment: datetime) -> RunFacts:
    """Return the facts of a run that a person would start for this moment.

    Raises:
        What `manual_interval` raises.
    """
    start, end = manual_interval(dag, moment)
    return RunFacts(
        pk=0,
        dag_id=dag.dag_id,
        run_id=f"{RunType.MANUAL}__{moment.isoformat()}",
        run_type=RunType.MANUAL,
        logical_date=moment,
        data_interval_start=start,
        data_interval_end=end,
        start_date=moment,
    )
