"""What binds DAGs to each other: assets, triggers, sensors."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from flowctl.core.spec import RelatedDag
from flowctl.store.queries import dependencies as queries
from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.routes import Needs, NoQuery, route

NodeKind = Literal["dag", "asset", "name", "alias"]
EdgeKind = Literal["schedules", "updates", "reads", "triggers", "waits_for", "clears"]
OF_ROLE: dict[str, EdgeKind] = {"schedule": "schedules", "outlet": "updates", "inlet": "reads"}


class DependencyNode(msgspec.Struct):
    """A DAG, or an asset by its URI, its name or an alias."""

    id: str
    kind: NodeKind
    label: str
    is_missing: bool = False  # a DAG that is named, but not there


class DependencyEdge(msgspec.Struct):
    """From what comes first to what follows; `task_id` is of the DAG that says so."""

    source: str
    target: str
    kind: EdgeKind
    task_id: str | None


class Dependencies(msgspec.Struct):
    nodes: list[DependencyNode]
    edges: list[DependencyEdge]


@route("GET", "/ui/dependencies", may=Needs(READ, "DAG Dependencies", READ), tag="View")
def get_dependencies(call: Call[NoQuery, None]) -> Dependencies:
    """Return how DAGs follow each other: by assets, by triggering, by waiting."""
    readable = call.caller.dags()
    with call.reading() as conn:
        references = queries.references(conn, readable)
        documents = queries.specs(conn, readable)
    names = {row.dag_id: row.display_name or row.dag_id for row in documents}
    edges = [_by_asset(row) for row in references]
    edges += [edge for row in documents for edge in _by_task(row)]
    if readable is not None:
        edges = [one for one in edges if _dags(one) <= readable]
    nodes = {end: _node(end, names) for one in edges for end in (one.source, one.target)}
    return Dependencies(list(nodes.values()), edges)


class _Task(msgspec.Struct):
    task_id: str
    related: RelatedDag | None = None


class _Spec(msgspec.Struct):
    tasks: list[_Task] = []


_SPECS = msgspec.json.Decoder(_Spec)


def _by_asset(row: Any) -> DependencyEdge:
    asset, dag, task = f"{row.kind}:{row.key}", f"dag:{row.dag_id}", row.task_id or None
    if row.role == "outlet":
        return DependencyEdge(dag, asset, OF_ROLE[row.role], task)
    return DependencyEdge(asset, dag, OF_ROLE[row.role], task)


def _by_task(row: Any) -> Iterator[DependencyEdge]:
    for task in _SPECS.decode(row.spec).tasks:
        if task.related is None:
            continue
        here, there = f"dag:{row.dag_id}", f"dag:{task.related.dag_id}"
        if task.related.kind == "waits_for":
            here, there = there, here
        yield DependencyEdge(here, there, task.related.kind, task.task_id)


def _dags(edge: DependencyEdge) -> set[str]:
    ends = (edge.source, edge.target)
    return {end.removeprefix("dag:") for end in ends if end.startswith("dag:")}


def _node(end: str, names: dict[str, str]) -> DependencyNode:
    kind, _, key = end.partition(":")
    is_missing = kind == "dag" and key not in names
    return DependencyNode(end, kind, names.get(key, key) if kind == "dag" else key, is_missing)  # type: ignore[arg-type]  # one of the kinds
