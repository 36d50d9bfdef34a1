"""DAG runs as rows: create, trigger."""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from flowctl.core import mapping
from flowctl.core.graph import Graph
from flowctl.core.run import Run
from flowctl.core.spec import TaskSpec
from flowctl.core.states import RunState, RunType, TaskState
from flowctl.store import upsert
from flowctl.store.schema import UNFINISHED_RUNS, dag_run, task_instance

INTEGER_MAX = 2**31 - 1  # what an integer column holds
MADE_AT_ONCE = 700  # task instances, by the scheduler: each costs a tick about 35 us
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
    in_steps: bool = False,
) -> int | None:
    """Create a QUEUED run with a task instance for each task that its date concerns.

    Args:
        in_steps: make no more than `MADE_AT_ONCE` task instances; the others are left to `go_on`.

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
    if pk is None:
        return None
    limit = MADE_AT_ONCE if in_steps else None
    made = _make(conn, pk, graph, run_type, logical_date, limit=limit)
    if made == limit:
        conn.execute(update(dag_run).where(dag_run.c.id == pk).values(made=made))
    return int(pk)


def go_on(conn: Connection, run: Run, now: datetime) -> bool:
    """Make more task instances of a run that is made in steps, and note how far it is.

    Returns:
        False where somebody else moved the run meanwhile: it is to be read anew.
    """
    assert run.made is not None
    mine = (dag_run.c.id == run.pk) & (dag_run.c.made == run.made) & text(UNFINISHED_RUNS)
    taken = update(dag_run).where(mine).values(revision=dag_run.c.revision + 1, updated_at=now)
    revision = conn.execute(taken.returning(dag_run.c.revision)).scalar()
    if revision is None:
        return False
    run_type = RunType(run.run_type)
    added = _make(
        conn, run.pk, run.graph, run_type, run.logical_date, run.made, MADE_AT_ONCE, revision
    )
    made = run.made + added if added == MADE_AT_ONCE else None
    conn.execute(update(dag_run).where(dag_run.c.id == run.pk).values(made=made))
    run.made, run.revision = made, revision
    return True


def is_filled(conn: Connection, dag_id: str, logical_date: datetime) -> bool:
    """Say whether a backfill made, or took over, the run of a date."""
    there = select(dag_run.c.id).where(
        dag_run.c.dag_id == dag_id,
        dag_run.c.logical_date == logical_date,
        dag_run.c.run_type == RunType.BACKFILL.value,
    )
    return conn.execute(there.limit(1)).first() is not None


def _make(
    conn: Connection,
    pk: int,
    graph: Graph,
    run_type: RunType,
    logical_date: datetime,
    first: int = 0,
    limit: int | None = None,
    revision: int = 1,
) -> int:
    """Make task instances of a run, from the `first` of all on; return how many were to be made."""
    wanted = (
        (task, index)
        for task in graph.spec.tasks
        if concerns(task, run_type, logical_date)
        for index in first_indexes(graph, task.task_id)
    )
    last = None if limit is None else first + limit
    rows = [
        instance(pk, task, graph, map_index=index, revision=revision)
        for task, index in islice(wanted, first, last)
    ]
    if rows and first:  # somebody may have added one of them since
        upsert.insert_missing(conn, task_instance, rows)
    elif rows:
        conn.execute(insert(task_instance), rows)
    return len(rows)


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
