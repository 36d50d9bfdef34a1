"""The tasks and groups of a DAG as the pages draw them: what a grid and a graph begin with."""

import msgspec
from sqlalchemy import Connection

from flowctl.core.spec import DagSpec, GroupSpec, TaskSpec
from flowctl.store.queries import dags as dag_queries
from flowctl.web.api.dag_tasks import is_mapped
from flowctl.web.problems import NotFound


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


def spec_of(conn: Connection, dag_id: str, version: int | None) -> tuple[DagSpec, int]:
    """Return a DAG as one of its versions has it, by default the newest, and that version.

    Raises:
        NotFound: there is no such DAG, or version.
    """
    row = dag_queries.one(conn, dag_id)
    spec = dag_queries.spec(conn, dag_id, version)
    if row is None:
        raise NotFound(f"there is no DAG {dag_id!r}")
    if spec is None:
        raise NotFound(f"DAG {dag_id!r} has no version {version}")
    return spec, version or row.number


def nodes_of(spec: DagSpec, root: str | None) -> list[Node]:
    """Return the groups and tasks of a DAG, or those in one of them.

    Raises:
        NotFound: the DAG has no such task or group.
    """
    inside = inside_of(spec, root) if root else None
    groups = [_group(one) for one in spec.groups if inside is None or one.group_id in inside]
    tasks = [_task(spec, one) for one in spec.tasks if inside is None or one.task_id in inside]
    return groups + tasks


def inside_of(spec: DagSpec, root: str) -> set[str]:
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
