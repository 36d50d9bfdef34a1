"""What does a timetable say that a user wrote? Asked in a parser child, where its DAG file ran.

All runs that are due are asked for at once, and the first that is not: catching up takes one child
for many runs, and what the timetable says of the future is never older than the latest run.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from flowctl import clock
from flowctl.authoring import run_dates
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowTimetableInvalid
from flowctl.authoring.moments import plain_utc, shown
from flowctl.authoring.timetables.contract import (
    DagRunInfo,
    DataInterval,
    TimeRestriction,
    Timetable,
)
from flowctl.core.states import RunType
from flowctl.core.timetables import Due, Interval
from flowctl.parsing.messages import Answers, Asked

PATIENCE_S = 10.0  # for all answers of one timetable; then its child is told to stop
ENOUGH_S = 2.0  # after that no further runs are asked for
FOREVER = datetime.max.replace(tzinfo=UTC)


def answers(dag: DAG, asked: Asked) -> Answers:
    """Ask the timetable of a DAG.

    Raises:
        AirflowTimetableInvalid: an answer makes no sense.
        Whatever the timetable raises.
    """
    timetable = dag.timetable
    intervals = tuple(_manual(timetable, moment) for moment in asked.manual)
    if not asked.wants_dates:
        return Answers(intervals=intervals)
    within, horizon = run_dates.restriction(dag), clock.utcnow()
    if asked.between is not None:
        earliest, latest = map(shown, asked.between)
        within, horizon = TimeRestriction(earliest, latest, catchup=True), FOREVER
    dues = []
    is_all = True
    following = _following(timetable, within, asked.last, horizon)
    for due in islice(following, asked.runs_max):
        is_all = due is None or _is_behind(due, asked.between)
        if due is None or is_all:
            break
        dues.append(due)
    return Answers(tuple(dues), is_all, intervals)


def _is_behind(due: Due, between: Interval | None) -> bool:
    return between is not None and due.logical_date > between[1]


def _manual(timetable: Any, moment: datetime) -> Interval:
    answer = timetable.infer_manual_data_interval(run_after=shown(moment))
    start, end = run_dates.checked_interval(answer, timetable)
    return plain_utc(start), plain_utc(end)


def _following(
    timetable: Any, within: TimeRestriction, last: Interval | None, horizon: datetime
) -> Iterator[Due | None]:
    """Yield the runs after `last` up to the first behind `horizon`; None once there is no other."""
    interval = last and DataInterval(*map(shown, last))
    give_up_s = time.monotonic() + ENOUGH_S
    while True:
        info = timetable.next_dagrun_info(last_automated_data_interval=interval, restriction=within)
        if info is None:
            yield None
            return
        info = run_dates.checked(info, timetable)
        if interval == info.data_interval:
            raise AirflowTimetableInvalid(
                f"the timetable {type(timetable).__name__} answered the data interval"
                f" {interval.start} to {interval.end} again as the one that follows it"
            )
        due = _due(timetable, info)
        yield due
        interval = info.data_interval
        if due.run_after > horizon or time.monotonic() > give_up_s:
            return


def _due(timetable: Any, info: DagRunInfo) -> Due:
    interval = info.data_interval
    start, end = plain_utc(interval.start), plain_utc(interval.end)
    return Due(start, start, end, plain_utc(info.run_after), _run_id(timetable, info))


def _run_id(timetable: Any, info: DagRunInfo) -> str:
    """Return the id that the timetable chose; "" where it leaves that to flowctl."""
    chosen = getattr(type(timetable), "generate_run_id", Timetable.generate_run_id)
    if chosen is Timetable.generate_run_id:
        return ""
    return str(
        timetable.generate_run_id(
            run_type=RunType.SCHEDULED,
            logical_date=info.logical_date,
            run_after=info.run_after,
            data_interval=info.data_interval,
        )
    )
