"""The whole site at a glance."""

from datetime import timedelta
from typing import Annotated, Any

import msgspec

from flowctl.core.states import RunState, RunType, TaskState
from flowctl.executors import outlook
from flowctl.store import pools
from flowctl.store.queries import dag_list, dashboard
from flowctl.store.roles import READ
from flowctl.web import health
from flowctl.web.api import jobs
from flowctl.web.api.audit import seen_errors
from flowctl.web.call import Call
from flowctl.web.reading import When, shown
from flowctl.web.routes import on_dag, route

FAILED_SHOWN = 20


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
