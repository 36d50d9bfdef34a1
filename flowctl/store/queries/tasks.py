"""Task instances of runs, their tries and their XComs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from flowctl.store.schema import dag_run, task_instance, task_try, xcom


def of_run(conn: Connection, dag_run_id: int) -> Sequence[Row[Any]]:
    """Return the task instances of one run, by its `dag_run.id`, in the order they were made.

    Those of one mapped task stand together, by index.
    """
    return conn.execute(
        select(task_instance)
        .where(task_instance.c.dag_run_id == dag_run_id)
        .order_by(
            func.min(task_instance.c.id).over(partition_by=task_instance.c.task_id),
            task_instance.c.map_index,
        )
    ).all()


def one(
    conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int = -1
) -> Row[Any] | None:
    """Return one task instance, or None."""
    return conn.execute(
        select(task_instance)
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
        .where(
            dag_run.c.dag_id == dag_id,
            dag_run.c.run_id == run_id,
            task_instance.c.task_id == task_id,
            task_instance.c.map_index == map_index,
        )
    ).one_or_none()


def tries(conn: Connection, ti_id: int) -> Sequence[Row[Any]]:
    """Return the tries of one task instance, first to last."""
    return conn.execute(
        select(task_try).where(task_try.c.ti_id == ti_id).order_by(task_try.c.try_number)
    ).all()


def first_start(conn: Connection, ti_id: int, first_try: int) -> datetime | None:
    """Return when a task instance was started first, of the tries that people count from here."""
    found: datetime | None = conn.scalar(
        select(func.min(task_try.c.start_date)).where(
            task_try.c.ti_id == ti_id, task_try.c.try_number - task_try.c.resumed >= first_try
        )
    )
    return found


def xcoms(conn: Connection, ti_id: int) -> Sequence[Row[Any]]:
    """Return the XComs of one task instance, sorted by key; values are JSON text."""
    return conn.execute(select(xcom).where(xcom.c.ti_id == ti_id).order_by(xcom.c.key)).all()


def state_counts(conn: Connection, dag_run_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return how many task instances are in which state, by `dag_run.id`."""
    counts: dict[int, dict[str, int]] = {pk: {} for pk in dag_run_ids}
    rows = conn.execute(
        select(task_instance.c.dag_run_id, task_instance.c.state, func.count().label("found"))
        .where(task_instance.c.dag_run_id.in_(counts))
        .group_by(task_instance.c.dag_run_id, task_instance.c.state)
    )
    for row in rows:
        counts[row.dag_run_id][row.state] = row.found
    return counts


def tries_of_run(conn: Connection, dag_run_id: int) -> Sequence[Row[Any]]:
    """Return all tries of a run, in the order in which they were queued."""
    return conn.execute(
        select(task_try, task_instance.c.task_id, task_instance.c.map_index)
        .join(task_instance, task_instance.c.id == task_try.c.ti_id)
        .where(task_instance.c.dag_run_id == dag_run_id)
        .order_by(task_try.c.queued_at, task_try.c.id)
    ).all()


def instances(
    conn: Connection, dag_run_id: int, task_id: str, map_index: int | None = None
) -> Sequence[Row[Any]]:
    """Return the instances of a task in one run: all, or that of one index."""
    wanted = select(task_instance).where(
        task_instance.c.dag_run_id == dag_run_id, task_instance.c.task_id == task_id
    )
    if map_index is not None:
        wanted = wanted.where(task_instance.c.map_index == map_index)
    return conn.execute(wanted.order_by(task_instance.c.map_index)).all()
