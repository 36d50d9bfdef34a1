"""How a DAG did over time: its calendar, and how long its runs and tasks took."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Annotated, Any

import msgspec

from flowctl.core.spec import DagSpec
from flowctl.core.states import RunState, RunType
from flowctl.core.timetables import Asked, Due, timetable_of
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
    dates = (due.logical_date for due in _dues(spec, row, now))
    found = list(islice(takewhile(lambda date: date < until, dates), PLANNED_MAX + 1))
    is_known = spec.schedule.kind != "own" or not found
    return found[:PLANNED_MAX], is_known and len(found) <= PLANNED_MAX


def _dues(spec: DagSpec, row: Any, now: datetime) -> Iterator[Due]:
    """Yield the runs that the schedule plans, from the next one on.

    The scheduler notes the next one only once it has looked after the DAG: of one that never was
    active, the timetable is asked.
    """
    has_dates = spec.schedule.kind not in NO_DATES
    asked = Asked(None, spec.start_date, spec.end_date, spec.catchup, now)
    span = (row.next_interval_start, row.next_interval_end)
    due: Due | None = None
    if row.next_logical_date is not None:
        due = Due(row.next_logical_date, *span, row.next_run_after)
    elif has_dates and row.is_paused:
        due = timetable_of(spec.schedule).next_due(asked)
    while due is not None:
        yield due
        asked = asked._replace(last=(due.interval_start, due.interval_end), catchup=True)
        due = timetable_of(spec.schedule).next_due(asked) if has_dates else None


class PlannedRun(msgspec.Struct):
    """A run that the schedule plans; it is made once `run_after` has come."""

    logical_date: When
    data_interval_start: When
    data_interval_end: When
    run_after: When


class PlannedRuns(msgspec.Struct):
    planned_runs: list[PlannedRun]


class PlannedQuery(msgspec.Struct):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10


@route("GET", "/dags/{dag_id}/plannedRuns", may=on_dag(READ, RUNS), tag="View")
def get_planned_runs(call: Call[PlannedQuery, None], dag_id: str) -> PlannedRuns:
    """Return the runs that come next by the schedule; only the first of a user's own timetable."""
    with call.reading() as conn:
        row, spec = dag_queries.one(conn, dag_id), dag_queries.spec(conn, dag_id)
    if row is None or spec is None:
        raise NotFound(f"there is no DAG {dag_id!r}")
    found = islice(_dues(spec, row, call.now), call.query.limit)
    return PlannedRuns(
        [
            PlannedRun(
                *map(shown, (due.logical_date, due.interval_start, due.interval_end, due.run_after))
            )
            for due in found
        ]
    )


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
