"""XComs, and what a task may ask about other runs and tasks."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from flowctl.authoring.ports import RunQuery, RunRow, XComQuery, XComRow
from flowctl.store.schema import dag_run, task_instance, xcom

ROWS_MAX = 100_000  # of one answer; a task that asks for more has no use for it


def find(conn: Connection, query: XComQuery) -> list[XComRow]:
    """Return the XComs that match, newest run first, then by task and map index."""
    instance, run = task_instance.c, dag_run.c
    wanted = (
        select(instance.task_id, run.run_id, xcom.c.value, instance.map_index, xcom.c.key)
        .join(task_instance, instance.id == xcom.c.ti_id)
        .join(dag_run, run.id == instance.dag_run_id)
        .where(run.dag_id == query.dag_id, xcom.c.key == query.key)
    )
    if query.task_ids is not None:
        wanted = wanted.where(instance.task_id.in_(query.task_ids))
    if query.map_indexes is not None:
        wanted = wanted.where(instance.map_index.in_(query.map_indexes))
    if query.run_id is not None and query.include_prior_dates:
        until = (
            select(run.logical_date)
            .where(run.dag_id == query.dag_id, run.run_id == query.run_id)
            .scalar_subquery()
        )
        wanted = wanted.where(run.logical_date <= until)
    elif query.run_id is not None:
        wanted = wanted.where(run.run_id == query.run_id)
    ordered = wanted.order_by(run.logical_date.desc(), instance.task_id, instance.map_index)
    rows = conn.execute(ordered.limit(ROWS_MAX))
    return [
        XComRow(task_id=task_id, run_id=run_id, value=value, map_index=map_index, key=key)
        for task_id, run_id, value, map_index, key in rows
    ]


def push(conn: Connection, ti_id: int, key: str, value: str, now: datetime) -> None:
    """Store one XCom of a task instance, in place of an older one."""
    conn.execute(delete(xcom).where(xcom.c.ti_id == ti_id, xcom.c.key == key))
    conn.execute(insert(xcom).values(ti_id=ti_id, key=key, value=value, created_at=now))


def previous_run(
    conn: Connection, dag_id: str, before: datetime, state: str | None
) -> RunRow | None:
    """Return the latest run of a DAG with a logical date before `before`."""
    run = dag_run.c
    wanted = select(dag_run).where(run.dag_id == dag_id, run.logical_date < before)
    if state is not None:
        wanted = wanted.where(run.state == state)
    row = conn.execute(wanted.order_by(run.logical_date.desc()).limit(1)).one_or_none()
    return None if row is None else _run(row)


def runs(conn: Connection, query: RunQuery) -> list[RunRow]:
    """Return the runs that match, the oldest first."""
    run = dag_run.c
    lists = (
        (run.dag_id, query.dag_ids),
        (run.run_id, query.run_ids),
        (run.logical_date, query.logical_dates),
        (run.state, query.states),
        (run.run_type, query.run_types),
    )
    wanted = select(dag_run).where(
        *(column.in_(values) for column, values in lists if values is not None)
    )
    if query.since is not None:
        wanted = wanted.where(run.logical_date >= query.since)
    if query.until is not None:
        wanted = wanted.where(run.logical_date <= query.until)
    if query.external_trigger is not None:
        wanted = wanted.where(run.external_trigger == query.external_trigger)
    if query.newest:
        wanted = wanted.order_by(run.logical_date.desc(), run.id.desc()).limit(1)
    else:
        wanted = wanted.order_by(run.logical_date, run.id).limit(ROWS_MAX)
    return [_run(row) for row in conn.execute(wanted)]


def _run(row: Any) -> RunRow:
    return RunRow(**{name: getattr(row, name) for name in RunRow.__struct_fields__})
