"""Which runs does the schedule of a DAG give? For DAG files, tests and commands that ask its DAG.

Source: the methods of Airflow 2.10.5's DAG of these names.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flowctl import clock
from flowctl.authoring.exceptions import AirflowTimetableInvalid
from flowctl.authoring.moments import plain_utc, shown
from flowctl.authoring.timetables.contract import DagRunInfo, DataInterval, TimeRestriction
from flowctl.core.timetables import neighbours

_FREE = TimeRestriction(None, None, True)


def restriction(dag: Any) -> TimeRestriction:
    """Return between which dates there may be runs: the DAG's dates and those of its tasks count.

    Tasks set the end only where each of them has one.
    """
    starts = [task.start_date for task in dag.tasks if task.start_date]
    ends = [task.end_date for task in dag.tasks if task.end_date]
    if dag.start_date is not None:
        starts.append(dag.start_date)
    latest = dag.end_date
    if ends and len(ends) == len(dag.tasks):
        latest = max(ends) if latest is None else max(latest, *ends)
    return TimeRestriction(min(starts, default=None), latest, bool(dag.catchup))


def next_dagrun_info(dag: Any, last: Any, restricted: bool = True) -> DagRunInfo | None:
    """Return the run after `last`: an interval, a logical date, or None."""
    if isinstance(last, datetime):
        last = automated_interval(dag, last)
    info: DagRunInfo | None = dag.timetable.next_dagrun_info(
        last_automated_data_interval=last,
        restriction=restriction(dag) if restricted else _FREE,
    )
    return info


def infos_between(
    dag: Any, earliest: datetime | None, latest: datetime, align: bool = True
) -> Iterator[DagRunInfo]:
    """Yield the runs between two dates.

    Raises:
        ValueError: there is no first date, neither given nor the DAG's.
    """
    first = earliest or restriction(dag).earliest
    if first is None:
        raise ValueError(f"DAG {dag.dag_id!r} has no start date; give `earliest`")
    first, latest = shown(first), shown(latest)
    within = TimeRestriction(first, latest, True)
    timetable = dag.timetable
    info = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=within)
    if not align and (info is None or info.logical_date != first):
        yield DagRunInfo.interval(first, latest if info is None else info.data_interval.start)
    while info is not None:
        yield info
        info = timetable.next_dagrun_info(
            last_automated_data_interval=info.data_interval, restriction=within
        )


def run_dates(dag: Any, start: datetime, end: datetime | None) -> list[datetime]:
    """Return the logical dates between two dates; the end is now by default."""
    latest = shown(clock.utcnow()) if end is None else end
    return [info.logical_date for info in infos_between(dag, start, latest)]


def automated_interval(dag: Any, logical_date: datetime) -> DataInterval:
    """Return the data interval of the scheduled run of a date.

    Raises:
        ValueError: the timetable does not tell it from the date.
    """
    start = shown(logical_date)
    kind = dag.schedule_spec.kind
    if kind in ("none", "once", "events"):
        return DataInterval.exact(start)
    if kind == "own" and not hasattr(dag.timetable, "_get_next"):
        raise ValueError(
            f"the timetable {dag.timetable!r} of DAG {dag.dag_id!r} does not tell the interval of a"
            " date; give the interval itself"
        )
    if dag.schedule_spec.trigger or kind in ("crons", "continuous"):
        return DataInterval.exact(start)
    return DataInterval(start, dag.timetable._get_next(start))


def interval_of_run(dag: Any, run: Any) -> DataInterval:
    """Return the data interval of a run; of one that has none, that of its date."""
    start, end = run.data_interval_start, run.data_interval_end
    if start is None or end is None:
        return automated_interval(dag, run.logical_date)
    return DataInterval(start, end)


def following(dag: Any, moment: datetime) -> datetime | None:
    """Return the logical date that comes after the one of the interval around `moment`."""
    if dag.schedule_spec.kind != "own":
        return neighbours.following(dag.schedule_spec, plain_utc(moment))
    info = next_dagrun_info(dag, moment, restricted=False)
    return info and info.logical_date


def previous(dag: Any, moment: datetime) -> datetime | None:
    """Return the logical date that comes before `moment`; None where that is not known."""
    if dag.schedule_spec.kind == "own":
        step_back = getattr(dag.timetable, "_get_prev", None)
        return step_back and step_back(shown(moment))
    return neighbours.preceding(dag.schedule_spec, plain_utc(moment))


def checked(info: Any, timetable: Any) -> DagRunInfo:
    """Return an answer of a timetable if it makes sense.

    Raises:
        AirflowTimetableInvalid: it does not; the message says what it was.
    """
    name = type(timetable).__name__
    try:
        start, end = info.data_interval
        moments = (info.run_after, start, end)
    except (AttributeError, TypeError, ValueError):
        raise AirflowTimetableInvalid(
            f"next_dagrun_info of the timetable {name} returned {info!r}; return a DagRunInfo with"
            " a data interval, or None"
        ) from None
    for moment in moments:
        _require_aware(moment, name)
    return DagRunInfo(info.run_after, DataInterval(start, end))


def checked_interval(interval: Any, timetable: Any) -> DataInterval:
    """Return a manual interval that a timetable answered if it makes sense.

    Raises:
        AirflowTimetableInvalid: it does not; the message says what it was.
    """
    name = type(timetable).__name__
    try:
        start, end = interval
    except (TypeError, ValueError):
        raise AirflowTimetableInvalid(
            f"infer_manual_data_interval of the timetable {name} returned {interval!r}; return a"
            " DataInterval"
        ) from None
    _require_aware(start, name)
    _require_aware(end, name)
    return DataInterval(start, end)


def _require_aware(moment: Any, name: str) -> None:
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise AirflowTimetableInvalid(
            f"the timetable {name} returned {moment!r} where a datetime with a time zone belongs"
        )
