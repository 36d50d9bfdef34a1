"""The whole site at a glance."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection

from flowctl.core import explain
from flowctl.core.states import RunState, RunType, TaskState
from flowctl.executors import outlook
from flowctl.store import pools
from flowctl.store.queries import dag_list, dashboard
from flowctl.store.roles import READ
from flowctl.web import health
from flowctl.web.api import jobs
from flowctl.web.api.audit import seen_errors
from flowctl.web.call import Call
from flowctl.web.reading import Moment, When, shown
from flowctl.web.routes import on_dag, route

FAILED_SHOWN = 20
WAITING_SHOWN = 10  # each needs a look at its whole run
RUNS_MAX = 5_000


class DagCounts(msgspec.Struct):
    """How many DAGs: in all, paused, and by the state of their last run."""

    total: int
    paused: int
    last_run: dict[str, int]


class FailedRun(msgspec.Struct):
    dag_id: str
    run_id: str
    run_type: RunType
    logical_date: When
    start_date: When | None
    end_date: When | None
    reason: str | None


class WaitingTask(msgspec.Struct):
    """A task that waits for something else than other tasks: since when, and for what."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    state: TaskState
    since: When | None
    reason: str


class PoolUse(msgspec.Struct):
    """A pool and what holds its slots; without a limit `slots` is None."""

    name: str
    slots: int | None
    running: int
    queued: int
    scheduled: int
    deferred: int
    includes_deferred: bool


class ExecutorUse(msgspec.Struct):
    """How many tasks may run at once, and how many do."""

    slots: int
    running: int
    queued: int
    deferred: int  # they hold no slot


class Dashboard(msgspec.Struct):
    """The site since a moment; pools and jobs are None to those who may not see them."""

    now: When
    since: When
    dags: DagCounts
    runs: dict[str, int]  # by state: under way, or ended since then
    tasks: dict[str, int]  # of these runs, by state
    failed_runs: list[FailedRun]  # the latest
    waiting: list[WaitingTask]  # that wait longest
    import_errors: int
    health: health.Health
    executor: ExecutorUse
    pools: list[PoolUse] | None
    jobs: list[jobs.Job] | None  # that are alive, or did not say goodbye


class DashboardQuery(msgspec.Struct):
    hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 366)] = 24


@route("GET", "/ui/dashboard", may=on_dag(READ, "DAGs"), tag="View")
def get_dashboard(call: Call[DashboardQuery, None]) -> Dashboard:
    """Return the state of the whole site: DAGs, runs, pools, processes, what failed lately."""
    since, mine = call.now - timedelta(hours=call.query.hours), call.caller.dags()
    with call.reading() as conn:
        total, paused = dashboard.dag_counts(conn, mine)
        last = [row.last_state for row in dag_list.facets(conn, mine)]
        runs = dashboard.run_states(conn, since, mine)
        tasks = dashboard.task_states(conn, since, mine)
        failed = dashboard.failed_runs(conn, since, mine, FAILED_SHOWN)
        waiting = _waiting(call, conn, dashboard.waiting(conn, mine, WAITING_SHOWN))
        held = dashboard.occupied(conn)
        used = pools.usage(conn) if call.caller.may(READ, "Pools") else None
        there = jobs.of_site(call, conn) if call.caller.may(READ, "Jobs") else None
    return Dashboard(
        now=shown(call.now),
        since=shown(since),
        dags=DagCounts(total, paused, {one.value: last.count(one.value) for one in RunState}),
        runs={one.value: runs.get(one.value, 0) for one in RunState},
        tasks={one.value: tasks.get(one.value, 0) for one in TaskState},
        failed_runs=[_failed(row) for row in failed],
        waiting=waiting,
        import_errors=len(seen_errors(call)),
        health=health.of(call.site, call.now),
        executor=_executor(call, held),
        pools=None if used is None else [_pool(one) for one in used],
        jobs=None if there is None else [one for one in there if one.state != "ended"],
    )


def _failed(row: Any) -> FailedRun:
    return FailedRun(
        row.dag_id,
        row.run_id,
        row.run_type,
        shown(row.logical_date),
        shown(row.start_date),
        shown(row.end_date),
        row.reason,
    )


def _waiting(call: Call[Any, Any], conn: Connection, rows: Sequence[Any]) -> list[WaitingTask]:
    if not rows:
        return []
    world = outlook.world(conn, call.site.conf, [row.dag_run_id for row in rows])
    return [
        WaitingTask(
            row.dag_id,
            row.run_id,
            row.task_id,
            row.map_index,
            row.state,
            shown(row.since),
            explain.of_task(world, world.by_id[row.id], call.now, row.reason),
        )
        for row in rows
        if row.id in world.by_id
    ]


def _pool(one: pools.Usage) -> PoolUse:
    return PoolUse(
        one.pool.name,
        None if one.pool.slots == pools.UNLIMITED else one.pool.slots,
        one.running,
        one.queued,
        one.scheduled,
        one.deferred,
        one.pool.include_deferred,
    )


def _executor(call: Call[Any, Any], held: dict[str, int]) -> ExecutorUse:
    return ExecutorUse(
        outlook.parallelism(call.site.conf),
        held[TaskState.RUNNING] + held[TaskState.RESTARTING],
        held[TaskState.QUEUED],
        held[TaskState.DEFERRED],
    )


class TimelineRun(msgspec.Struct):
    """A run as a bar on the time axis of all DAGs."""

    dag_id: str
    run_id: str
    state: RunState
    run_type: RunType
    queued_at: When | None
    start_date: When | None
    end_date: When | None


class Timeline(msgspec.Struct):
    now: When
    runs: list[TimelineRun]  # the latest first
    has_more: bool  # earlier ones were left out


class TimelineQuery(msgspec.Struct):
    since: Moment
    until: Moment | None = None  # None: now
    limit: Annotated[int, msgspec.Meta(ge=1, le=RUNS_MAX)] = 2_000


@route("GET", "/ui/timeline", may=on_dag(READ, "DAG Runs"), tag="View")
def get_timeline(call: Call[TimelineQuery, None]) -> Timeline:
    """Return the runs of all DAGs that were under way between two moments."""
    asked = call.query
    until, limit = asked.until or call.now, asked.limit
    with call.reading() as conn:
        rows = dashboard.runs_between(conn, asked.since, until, call.caller.dags(), limit + 1)
    runs = [
        TimelineRun(
            row.dag_id,
            row.run_id,
            row.state,
            row.run_type,
            shown(row.queued_at),
            shown(row.start_date),
            shown(row.end_date),
        )
        for row in rows[:limit]
    ]
    return Timeline(shown(call.now), runs, len(rows) > limit)
