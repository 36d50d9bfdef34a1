"""The states of runs, and of tasks in them, as other tasks ask for them."""

from typing import Any

from sqlalchemy import Connection, select

from flowctl.authoring.ports import DagOutline, StateQuery, StateRow
from flowctl.core.spec import DagSpec, decode
from flowctl.store.schema import dag, dag_run, dag_version, task_instance

_KEPT = (
    "state",
    "task_id",
    "map_index",
    "queued_at",
    "start_date",
    "end_date",
    "operator",
    "pool",
    "pool_slots",
    "queue",
    "priority_weight",
    "host",
    "rendered_map_index",
    "note",
)
"""Columns of a task instance that others may ask for as they are."""


def found(conn: Connection, query: StateQuery) -> list[StateRow]:
    """Return the states that are asked for, by run and task."""
    run = dag_run.c
    some = query.task_ids is not None or query.group_id is not None
    wanted: Any
    if some or query.every_task:
        instance = task_instance.c
        wanted = (
            select(
                run.run_id,
                run.logical_date,
                *(instance[name] for name in _KEPT),
                (instance.try_number - instance.resumed).label("try_number"),
                (instance.max_tries - instance.resumed).label("max_tries"),
            )
            .join(task_instance, instance.dag_run_id == run.id)
            .order_by(run.logical_date, instance.task_id, instance.map_index)
        )
        if some:
            wanted = wanted.where(instance.task_id.in_(_tasks(conn, query)))
    else:
        wanted = select(run.run_id, run.logical_date, run.state).order_by(run.logical_date)
    wanted = wanted.where(run.dag_id == query.dag_id)
    if query.logical_dates is not None and (query.logical_dates or query.run_ids is None):
        wanted = wanted.where(run.logical_date.in_(query.logical_dates))
    if query.run_ids is not None:
        wanted = wanted.where(run.run_id.in_(query.run_ids))
    return [StateRow(**row._asdict()) for row in conn.execute(wanted)]


def _tasks(conn: Connection, query: StateQuery) -> list[str]:
    """Return the tasks that are meant: those named, and those of the group and of groups in it."""
    wanted = set(query.task_ids or ())
    if query.group_id is not None:
        spec = _newest(conn, query.dag_id)
        wanted |= _in_group(spec, query.group_id) if spec else set()
    return sorted(wanted)


def outline(conn: Connection, dag_id: str) -> DagOutline | None:
    """Return what a DAG consists of, None when no file defines it."""
    spec = _newest(conn, dag_id)
    if spec is None:
        return None
    task_ids = [task.task_id for task in spec.tasks]
    return DagOutline(task_ids, [group.group_id for group in spec.groups])


def _newest(conn: Connection, dag_id: str) -> DagSpec | None:
    document = conn.scalar(
        select(dag_version.c.spec)
        .join(dag, dag.c.version_id == dag_version.c.id)
        .where(dag.c.dag_id == dag_id, dag.c.is_active)
    )
    return None if document is None else decode(document)


def _in_group(spec: DagSpec, group_id: str) -> set[str]:
    groups = {group_id}
    for group in spec.groups:  # each comes after the one around it
        if group.parent in groups:
            groups.add(group.group_id)
    return {task.task_id for task in spec.tasks if task.group in groups}
