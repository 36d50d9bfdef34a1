"""DAG runs as rows: create, trigger."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from flowctl.core import mapping
from flowctl.core.graph import Graph
from flowctl.core.spec import TaskSpec
from flowctl.core.states import RunState, RunType, TaskState
from flowctl.store import upsert
from flowctl.store.schema import dag_run, task_instance

INTEGER_MAX = 2**31 - 1  # what an integer column holds
RETRIES_MAX = 2**30  # `retries=sys.maxsize` means for ever; each continued try raises `max_tries`


def create(
    conn: Connection,
    *,
    graph: Graph,
    version_pk: int,
    run_id: str,
    run_type: RunType,
    logical_date: datetime,
    interval: tuple[datetime, datetime] | None,
    now: datetime,
    conf: Mapping[str, Any] | None = None,
    note: str | None = None,
) -> int | None:
    """Create a QUEUED run with a task instance for each task that its date concerns.

    Returns:
        The key of the new row; None when the run is there already (same run id, or a scheduled run
        of the same logical date).
    """
    start, end = interval or (None, None)
    pk = conn.execute(
        upsert.insert(conn, dag_run)
        .values(
            dag_id=graph.spec.dag_id,
            run_id=run_id,
            run_type=run_type.value,
            state=RunState.QUEUED.value,
            version_id=version_pk,
            logical_date=logical_date,
            data_interval_start=start,
            data_interval_end=end,
            external_trigger=run_type is RunType.MANUAL,
            conf=dict(conf or {}),
            note=note,
            queued_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing()
        .returning(dag_run.c.id)
    ).scalar()
    if pk is not None:
        _create_tasks(conn, pk, graph, run_type, logical_date)
    return pk


def is_filled(conn: Connection, dag_id: str, logical_date: datetime) -> bool:
    """Say whether a backfill made, or took over, the run of a date."""
    there = select(dag_run.c.id).where(
        dag_run.c.dag_id == dag_id,
        dag_run.c.logical_date == logical_date,
        dag_run.c.run_type == RunType.BACKFILL.value,
    )
    return conn.execute(there.limit(1)).first() is not None


def _create_tasks(
    conn: Connection, pk: int, graph: Graph, run_type: RunType, logical_date: datetime
) -> None:
    rows = [
        instance(pk, task, graph, map_index=index)
        for task in graph.spec.tasks
        if concerns(task, run_type, logical_date)
        for index in first_indexes(graph, task.task_id)
    ]
    if rows:
        conn.execute(insert(task_instance), rows)


def first_indexes(graph: Graph, task_id: str) -> Collection[int]:
    """Return the indexes of the instances that a new run has of a task.

    A task that is mapped over what the DAG file itself says is expanded from the start.
    """
    length = graph.lengths.get(task_id)
    count = mapping.known(length) if length is not None else None
    return range(count) if count else (-1,)


def instance(
    pk: int, task: TaskSpec, graph: Graph, *, map_index: int = -1, revision: int = 1
) -> dict[str, Any]:
    """Return the row of a new task instance."""
    return {
        "dag_run_id": pk,
        "task_id": task.task_id,
        "map_index": map_index,
        "state": TaskState.NONE.value,
        "max_tries": min(task.retries, RETRIES_MAX),
        "operator": task.operator,
        "pool": task.pool,
        "pool_slots": min(task.pool_slots, INTEGER_MAX),
        "queue": task.queue,
        "priority_weight": graph.weights[task.task_id],
        "revision": revision,
    }


def concerns(task: TaskSpec, run_type: RunType, logical_date: datetime) -> bool:
    """Say whether a run of this date has this task: its own start and end date decide."""
    if run_type is RunType.BACKFILL:
        return True
    return (task.start_date is None or task.start_date <= logical_date) and (
        task.end_date is None or logical_date <= task.end_date
    )
