"""The grid: runs of a DAG, each with the states of its tasks.

Lists of states are numbers: places in `states`. A page of a grid has thousands of them.
"""

from typing import Annotated, Any

import msgspec

from flowctl.core.states import RunState, RunType, TaskState
from flowctl.store.queries import grid
from flowctl.store.queries.listings import RunFilter, Span, Spans
from flowctl.store.roles import READ
from flowctl.web.api.nodes import Node, inside_of, nodes_of, spec_of
from flowctl.web.api.task_instances import TASKS
from flowctl.web.call import Call
from flowctl.web.paging import Id
from flowctl.web.reading import Moment, When, shown
from flowctl.web.routes import on_dag, route

STATES = list(TaskState)
PLACE = {state.value: place for place, state in enumerate(STATES)}
RUNS_MAX = 400


class GridRun(msgspec.Struct, omit_defaults=True):
    """One run: `tasks` has the worst state of each task of the grid, -1 where it has none."""

    run_id: str
    state: RunState
    run_type: RunType
    logical_date: When | None
    queued_at: When | None
    start_date: When | None
    end_date: When | None
    version: int
    pk: int
    tasks: list[int]
    mapped: dict[str, dict[str, int]] = {}  # of mapped tasks: how many are in which state
    note: str | None = None
    held_by: str | None = None


class Grid(msgspec.Struct):
    dag_id: str
    version: int
    states: list[TaskState]
    nodes: list[Node]  # groups, and tasks in the order of the runs' lists
    runs: list[GridRun]
    has_more: bool


class GridQuery(msgspec.Struct, kw_only=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=RUNS_MAX)] = 25
    before: Id | None = None  # `pk` of a run: the page after it
    state: tuple[str, ...] = ()
    run_type: tuple[str, ...] = ()
    run_id: tuple[str, ...] = ()  # only these: how a page catches up with runs that moved
    logical_date_gte: Moment | None = None
    logical_date_lte: Moment | None = None
    root: str | None = None  # only this task or group, and what it holds
    cells_max: Annotated[int, msgspec.Meta(ge=1)] = 1_000_000  # tasks times runs; one run at least
    nodes: bool = True  # without them where a page has them already


SEVERITY = [
    TaskState.FAILED,
    TaskState.UPSTREAM_FAILED,
    TaskState.UP_FOR_RETRY,
    TaskState.RUNNING,
    TaskState.RESTARTING,
    TaskState.QUEUED,
    TaskState.SCHEDULED,
    TaskState.DEFERRED,
    TaskState.UP_FOR_RESCHEDULE,
    TaskState.NONE,
    TaskState.SUCCESS,
    TaskState.SKIPPED,
    TaskState.REMOVED,
]
"""Which state stands for several: the first of these."""

RANK = {state.value: rank for rank, state in enumerate(SEVERITY)}
RANKS = [RANK[state.value] for state in STATES]


@route("GET", "/dags/{dag_id}/grid", may=on_dag(READ, TASKS), tag="View")
def get_grid(call: Call[GridQuery, None], dag_id: str) -> Grid:
    """Return runs of a DAG, latest first, each with the states of its tasks."""
    asked = call.query
    wanted = RunFilter(
        dag_ids=(dag_id,),
        states=asked.state,
        run_types=asked.run_type,
        run_ids=asked.run_id,
        spans=Spans(Span(asked.logical_date_gte, asked.logical_date_lte)),
    )
    with call.reading() as conn:
        spec, number = spec_of(conn, dag_id, None)
        inside = inside_of(spec, asked.root) if asked.root else None
        task_ids = [one.task_id for one in spec.tasks if inside is None or one.task_id in inside]
        limit = min(asked.limit, max(1, asked.cells_max // max(1, len(task_ids))))
        rows = grid.runs(conn, wanted, limit + 1, asked.before)
        page = rows[:limit]
        pks = [row.id for row in page]
        plain = {
            run_pk: _states_of(task_ids, ids, states)
            for run_pk, ids, states in grid.cells(conn, pks)
        }
        mapped = grid.mapped_cells(conn, pks)
    none = [-1] * len(task_ids)
    runs = {row.id: _run(row, plain.get(row.id) or list(none)) for row in page}
    places = {task_id: place for place, task_id in enumerate(task_ids)} if mapped else {}
    for run_pk, task_id, state, instances in mapped:
        if task_id in places:
            _enter(runs[run_pk], places[task_id], task_id, state, instances)
    nodes = nodes_of(spec, asked.root) if asked.nodes else []
    return Grid(dag_id, number, STATES, nodes, list(runs.values()), len(rows) > len(page))


def _states_of(task_ids: list[str], ids: list[str], states: list[str]) -> list[int]:
    found = dict(zip(ids, map(PLACE.__getitem__, states), strict=True))
    return [found.get(task_id, -1) for task_id in task_ids]


def _enter(run: GridRun, place: int, task_id: str, state: str, instances: int) -> None:
    before = run.tasks[place]
    if before < 0 or RANK[state] < RANKS[before]:
        run.tasks[place] = PLACE[state]
    run.mapped.setdefault(task_id, {})[state] = instances


def _run(row: Any, tasks: list[int]) -> GridRun:
    return GridRun(
        row.run_id,
        row.state,
        row.run_type,
        shown(row.logical_date),
        shown(row.queued_at),
        shown(row.start_date),
        shown(row.end_date),
        row.number,
        row.id,
        tasks,
        {},
        row.note,
        row.held_by,
    )
