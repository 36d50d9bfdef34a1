"""The graph: tasks and arrows of a version of a DAG, and the states of a run to colour them."""

import msgspec

from flowctl.core.states import RunState
from flowctl.store.queries import dags as dag_queries
from flowctl.store.queries import grid
from flowctl.store.roles import READ
from flowctl.web.api.nodes import Node, nodes_of, spec_of
from flowctl.web.api.runs import require_run
from flowctl.web.api.task_instances import TASKS
from flowctl.web.call import Call
from flowctl.web.paging import Number
from flowctl.web.reading import When, shown
from flowctl.web.routes import NoQuery, on_dag, route


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
        spec, number = spec_of(conn, dag_id, call.query.version)
    nodes = nodes_of(spec, call.query.root)
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
