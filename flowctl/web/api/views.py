"""What the pages show beyond Airflow's API: grid, graph, gantt, reasons, versions.

Lists of states are numbers: places in `states`. A page of a grid has thousands of them.
"""

from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection

from flowctl.core import explain
from flowctl.core.spec import DagSpec, GroupSpec, TaskSpec
from flowctl.core.states import RunState, RunType, TaskState
from flowctl.executors import outlook
from flowctl.store.queries import dags as dag_queries
from flowctl.store.queries import grid, listings
from flowctl.store.queries import tasks as task_queries
from flowctl.store.queries.listings import RunFilter, Span, Spans
from flowctl.store.queries.pages import Page as StorePage
from flowctl.store.roles import READ
from flowctl.web.api.dag_tasks import is_mapped
from flowctl.web.api.runs import require_run
from flowctl.web.api.task_instances import TASKS
from flowctl.web.call import Call
from flowctl.web.live import Stream
from flowctl.web.paging import Id, Number
from flowctl.web.problems import NotFound, TooMany
from flowctl.web.reading import Moment, When, shown
from flowctl.web.routes import NoQuery, Text, on_dag, route

STATES = list(TaskState)
PLACE = {state.value: place for place, state in enumerate(STATES)}
RUNS_MAX = 400


class Node(msgspec.Struct, omit_defaults=True):
    """A task, or a group of tasks, of a DAG."""

    id: str
    label: str
    parent: str | None = None  # the group it is in
    is_group: bool = False
    is_mapped: bool = False
    operator: str = ""
    trigger_rule: str = ""
    is_setup: bool = False
    is_teardown: bool = False
    tooltip: str = ""
    color: str = ""
    text_color: str = ""


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
        spec, number = _spec(conn, dag_id, None)
        inside = _inside(spec, asked.root) if asked.root else None
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
    nodes = _nodes(spec, asked.root) if asked.nodes else []
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


def _spec(conn: Connection, dag_id: str, version: int | None) -> tuple[DagSpec, int]:
    row = dag_queries.one(conn, dag_id)
    spec = dag_queries.spec(conn, dag_id, version)
    if row is None:
        raise NotFound(f"there is no DAG {dag_id!r}")
    if spec is None:
        raise NotFound(f"DAG {dag_id!r} has no version {version}")
    return spec, version or row.number


def _nodes(spec: DagSpec, root: str | None) -> list[Node]:
    inside = _inside(spec, root) if root else None
    groups = [_group(one) for one in spec.groups if inside is None or one.group_id in inside]
    tasks = [_task(spec, one) for one in spec.tasks if inside is None or one.task_id in inside]
    return groups + tasks


def _inside(spec: DagSpec, root: str) -> set[str]:
    """Return a task or group and all that it holds.

    Raises:
        NotFound: the DAG has no such task or group.
    """
    found = {root}
    for group in spec.groups:  # each comes after the one around it
        if group.parent in found:
            found.add(group.group_id)
    found |= {task.task_id for task in spec.tasks if task.group in found}
    known = {task.task_id for task in spec.tasks} | {group.group_id for group in spec.groups}
    if root not in known:
        raise NotFound(f"DAG {spec.dag_id!r} has no task or group {root!r}")
    return found


def _group(one: GroupSpec) -> Node:
    return Node(
        one.group_id,
        one.label or one.group_id,
        one.parent,
        is_group=True,
        is_mapped=one.length is not None,
        tooltip=one.tooltip,
        color=one.ui_color,
        text_color=one.ui_fgcolor,
    )


def _task(spec: DagSpec, one: TaskSpec) -> Node:
    return Node(
        one.task_id,
        one.display_name or one.task_id,
        one.group,
        is_mapped=is_mapped(spec, one),
        operator=one.operator,
        trigger_rule=one.trigger_rule,
        is_setup=one.is_setup,
        is_teardown=one.is_teardown,
        color=one.ui_color,
        text_color=one.ui_fgcolor,
    )


# ------------------------------------------------------------------------------------ graph


class Edge(msgspec.Struct, omit_defaults=True):
    source: str
    target: str
    label: str = ""


class Graph(msgspec.Struct):
    dag_id: str
    version: int
    nodes: list[Node]
    edges: list[Edge]
    orientation: str


class GraphQuery(msgspec.Struct):
    version: Number | None = None
    root: str | None = None


@route("GET", "/dags/{dag_id}/graph", may=on_dag(READ, TASKS), tag="View")
def get_graph(call: Call[GraphQuery, None], dag_id: str) -> Graph:
    """Return the tasks and arrows of a DAG, as one of its versions has them."""
    with call.reading() as conn:
        spec, number = _spec(conn, dag_id, call.query.version)
    nodes = _nodes(spec, call.query.root)
    there = {node.id for node in nodes}
    edges = [
        Edge(parent, task.task_id, spec.edge_labels.get(f"{parent}>{task.task_id}", ""))
        for task in spec.tasks
        for parent in task.upstream
        if parent in there and task.task_id in there
    ]
    return Graph(dag_id, number, nodes, edges, spec.orientation)


class TaskStates(msgspec.Struct):
    """How many instances of a task are in which state; when the first began and the last ended."""

    states: dict[str, int]
    start_date: When | None
    end_date: When | None


class RunStates(msgspec.Struct):
    run_id: str
    state: RunState
    version: int
    tasks: dict[str, TaskStates]


@route("GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/states", may=on_dag(READ, TASKS), tag="View")
def get_states(call: Call[NoQuery, None], dag_id: str, dag_run_id: str) -> RunStates:
    """Return in which states the tasks of a run are, and which version of the DAG it follows."""
    with call.reading() as conn:
        run = require_run(conn, dag_id, dag_run_id)
        version = dag_queries.number(conn, run.version_id)
        times = {row.task_id: row for row in grid.times(conn, [run.id])}
        plain = list(grid.cells(conn, [run.id]))
        mapped = grid.mapped_cells(conn, [run.id])
    found: dict[str, dict[str, int]] = {}
    for _, ids, states in plain:
        found |= {task_id: {state: 1} for task_id, state in zip(ids, states, strict=True)}
    for _, task_id, state, instances in mapped:
        found.setdefault(task_id, {})[state] = instances
    tasks = {task_id: _states(own, times.get(task_id)) for task_id, own in found.items()}
    return RunStates(run.run_id, run.state, version, tasks)


def _states(states: dict[str, int], time: grid.Times | None) -> TaskStates:
    return TaskStates(states, shown(time and time.start), shown(time and time.end))


# --------------------------------------------------------------------------------- versions


class Version(msgspec.Struct):
    number: int
    created_at: When | None
    file: str


class Versions(msgspec.Struct):
    versions: list[Version]
    total_entries: int


@route("GET", "/dags/{dag_id}/versions", may=on_dag(READ, "DAG Code"), tag="View")
def get_versions(call: Call[NoQuery, None], dag_id: str) -> Versions:
    """List the versions of a DAG, newest first."""
    with call.reading() as conn:
        _spec(conn, dag_id, None)
        rows = dag_queries.versions(conn, dag_id)
    found = [Version(row.number, shown(row.created_at), row.file) for row in rows]
    return Versions(found, len(found))


class VersionSource(msgspec.Struct):
    number: int
    content: str


@route("GET", "/dags/{dag_id}/versions/{number}/source", may=on_dag(READ, "DAG Code"), tag="View")
def get_version_source(call: Call[NoQuery, None], dag_id: str, number: int) -> VersionSource:
    """Return the file's content in one version; the caller must be allowed to see all its DAGs."""
    with call.reading() as conn:
        for other in dag_queries.sharing(conn, dag_id, number):
            call.must_dag(READ, other)
        content = dag_queries.source(conn, dag_id, number)
    if content is None:
        raise NotFound(f"DAG {dag_id!r} has no version {number}")
    return VersionSource(number, content.decode(errors="replace"))


# ------------------------------------------------------------------------------------ gantt


class Bar(msgspec.Struct, omit_defaults=True):
    """One try of a task: queued, then running."""

    task_id: str
    map_index: int
    try_number: int
    state: TaskState
    queued_at: When | None
    start_date: When | None
    end_date: When | None


class Gantt(msgspec.Struct):
    dag_id: str
    run_id: str
    start_date: When | None
    end_date: When | None
    bars: list[Bar]
    expected_s: float | None  # how long the last successful runs took, their median


RECENT = 11


@route("GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/gantt", may=on_dag(READ, TASKS), tag="View")
def get_gantt(call: Call[NoQuery, None], dag_id: str, dag_run_id: str) -> Gantt:
    """Return when each try of a run waited and ran."""
    with call.reading() as conn:
        run = require_run(conn, dag_id, dag_run_id)
        rows = task_queries.tries_of_run(conn, run.id)
        took = [
            (row.end_date - row.start_date).total_seconds()
            for row in grid.durations(conn, dag_id, RECENT)
            if row.start_date and row.end_date
        ]
    bars = [
        Bar(
            row.task_id,
            row.map_index,
            row.try_number - row.resumed,
            row.state,
            shown(row.queued_at),
            shown(row.start_date),
            shown(row.end_date),
        )
        for row in rows
    ]
    expected = sorted(took)[len(took) // 2] if took else None
    return Gantt(dag_id, dag_run_id, shown(run.start_date), shown(run.end_date), bars, expected)


# ---------------------------------------------------------------------------------- explain


class Explanation(msgspec.Struct):
    """Why a task instance stands as it does, in one sentence."""

    state: TaskState
    reason: str
    held_by: str | None = None  # who holds it, or its run
    held_why: str | None = None
    held_until: When | None = None
    expected_at: When | None = None  # of one that waits, where its history tells
    expected_from_runs: int | None = None  # so many runs tell


class ExplainQuery(msgspec.Struct):
    map_index: Number = -1


@route(
    "GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/explain",
    may=on_dag(READ, TASKS), tag="View",
)  # fmt: skip
def get_explanation(
    call: Call[ExplainQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> Explanation:
    """Say why a task instance waits, was skipped, failed, or what it does: the first true cause."""
    wanted = listings.TaskFilter(
        dag_ids=(dag_id,),
        run_ids=(dag_run_id,),
        task_ids=(task_id,),
        map_index=call.query.map_index,
    )
    with call.reading() as conn:
        found = listings.tasks(conn, StorePage(1), wanted)
        if not found.rows:
            raise NotFound(f"run {dag_run_id!r} has no task {task_id!r}")
        row = found.rows[0]
        world = outlook.world(conn, call.site.conf, [row.dag_run_id])
        task = world.by_id.get(row.id)
        expected = outlook.expected(conn, world, task, call.now) if task else None
    if task is None:
        return Explanation(row.state, "the task is no longer in the DAG")
    said = Explanation(row.state, explain.of_task(world, task, call.now, row.reason))
    if expected is not None:
        said.expected_at, said.expected_from_runs = shown(expected.start), expected.runs
    hold = task.run.hold or task.hold
    if hold is not None:
        said.held_by, said.held_why, said.held_until = hold.by, hold.why or None, shown(hold.until)
    return said


# -------------------------------------------------------------------------------------- live


class LiveQuery(msgspec.Struct):
    dag_id: str | None = None


@route("GET", "/live", may=on_dag(READ, "DAG Runs"), tag="View", errors=(429,),
       media="text/event-stream")  # fmt: skip
def get_live(call: Call[LiveQuery, None]) -> Text:
    """Stream which runs move, as server-sent events; without a free place, 429: ask again."""
    if not call.hub.enter(call.caller):
        raise TooMany("too many pages watch; ask again", headers={"Retry-After": "2"})
    events = Stream(call.hub, call.caller, call.query.dag_id)
    return Text(events, "text/event-stream; charset=utf-8")
