"""How a DAG did over time: its calendar, and how long its runs and tasks took."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from flowctl.core.spec import DagSpec
from flowctl.core.states import RunState, RunType
from flowctl.core.timetables import Asked, timetable_of
from flowctl.store.queries import dags as dag_queries
from flowctl.store.queries import grid, history
from flowctl.store.queries.listings import RunFilter
from flowctl.store.roles import READ
from flowctl.web.api.runs import RUNS
from flowctl.web.call import Call
from flowctl.web.problems import NotFound
from flowctl.web.reading import When, seconds, shown
from flowctl.web.routes import on_dag, route

PLANNED_MAX = 2000  # runs to come that a calendar counts
RUNS_MAX = 400
NO_DATES = ("none", "assets", "own", "continuous")


class CalendarDay(msgspec.Struct):
    """A day in UTC: how many runs are in which state, and how many the schedule still plans."""

    date: str
    queued: int
    running: int
    success: int
    failed: int
    planned: int


class Calendar(msgspec.Struct):
    dag_id: str
    year: int
    days: list[CalendarDay]  # that have something
    is_planned_complete: bool  # False: the schedule has more runs than were counted


class CalendarQuery(msgspec.Struct):
    year: Annotated[int, msgspec.Meta(ge=1970, le=9000)] | None = None


@route("GET", "/dags/{dag_id}/calendar", may=on_dag(READ, RUNS), tag="View")
def get_calendar(call: Call[CalendarQuery, None], dag_id: str) -> Calendar:
    """Return the runs of a year by day and state, with those that the schedule plans."""
    year = call.query.year or call.now.year
    since, until = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    with call.reading() as conn:
        row, spec = dag_queries.one(conn, dag_id), dag_queries.spec(conn, dag_id)
        if row is None or spec is None:
            raise NotFound(f"there is no DAG {dag_id!r}")
        found = history.days(conn, dag_id, since, until)
    planned, is_complete = _planned(spec, row, until, call.now)
    plan = Counter(f"{date:%Y-%m-%d}" for date in planned if date >= since)
    listed = [
        CalendarDay(
            day,
            **{state.value: found.get(day, {}).get(state.value, 0) for state in RunState},
            planned=plan[day],
        )
        for day in sorted(found.keys() | plan.keys())
    ]
    return Calendar(dag_id, year, listed, is_complete)


def _planned(
    spec: DagSpec, row: Any, until: datetime, now: datetime
) -> tuple[list[datetime], bool]:
    """Return the logical dates from the next one on, and whether these are all."""
    if row.next_logical_date is None or spec.schedule.kind in NO_DATES:
        return [], True
    timetable = timetable_of(spec.schedule)
    asked = Asked(None, spec.start_date, spec.end_date, True, now)
    found: list[datetime] = []
    date, last = row.next_logical_date, (row.next_interval_start, row.next_interval_end)
    while date < until:
        if len(found) == PLANNED_MAX:
            return found, False
        found.append(date)
        due = timetable.next_due(asked._replace(last=last))
        if due is None:
            break
        date, last = due.logical_date, (due.interval_start, due.interval_end)
    return found, True


# -------------------------------------------------------------------------------- durations


class RunTimes(msgspec.Struct):
    """How long a run waited and took, and how long after its data it landed; seconds."""

    run_id: str
    logical_date: When
    state: RunState
    run_type: RunType
    queued_s: float | None
    run_s: float | None
    landing_s: float | None


class TaskTimes(msgspec.Struct):
    """How long a task took and when it landed, in each of the runs; seconds."""

    task_id: str
    run_s: list[float | None]
    landing_s: list[float | None]


class Durations(msgspec.Struct):
    dag_id: str
    runs: list[RunTimes]  # the oldest first
    tasks: list[TaskTimes]


class DurationsQuery(msgspec.Struct):
    limit: Annotated[int, msgspec.Meta(ge=1, le=RUNS_MAX)] = 50
    run_type: tuple[RunType, ...] = ()
    state: tuple[RunState, ...] = ()


@route("GET", "/dags/{dag_id}/durations", may=on_dag(READ, RUNS), tag="View")
def get_durations(call: Call[DurationsQuery, None], dag_id: str) -> Durations:
    """Return how long the last runs and each of their tasks took, and when they landed."""
    asked = call.query
    wanted = RunFilter(dag_ids=(dag_id,), states=asked.state, run_types=asked.run_type)
    with call.reading() as conn:
        spec = dag_queries.spec(conn, dag_id)
        if spec is None:
            raise NotFound(f"there is no DAG {dag_id!r}")
        runs = list(reversed(grid.runs(conn, wanted, asked.limit)))
        spans = grid.times(conn, [row.id for row in runs])
    places = {row.id: place for place, row in enumerate(runs)}
    times = {
        task.task_id: TaskTimes(task.task_id, [None] * len(runs), [None] * len(runs))
        for task in spec.tasks
    }
    for one in spans:
        place = places[one.run_pk]
        if one.task_id in times:
            times[one.task_id].run_s[place] = seconds(one.start, one.end)
            times[one.task_id].landing_s[place] = seconds(_data_end(runs[place]), one.end)
    return Durations(dag_id, [_times(row) for row in runs], list(times.values()))


def _times(row: Any) -> RunTimes:
    return RunTimes(
        row.run_id,
        shown(row.logical_date),
        row.state,
        row.run_type,
        seconds(row.queued_at, row.start_date),
        seconds(row.start_date, row.end_date),
        seconds(_data_end(row), row.end_date),
    )


def _data_end(row: Any) -> datetime:
    found: datetime = row.data_interval_end or row.logical_date
    return found
