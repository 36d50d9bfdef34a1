"""Many runs at a glance: which tasks are in which state. One query for any number of runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from flowctl.core.states import RunState
from flowctl.store.queries.listings import RunFilter, conditions_of_runs
from flowctl.store.schema import dag_run, dag_version, task_instance


class Times(NamedTuple):
    """From when to when a task took in one run, all its instances together."""

    run_pk: int
    task_id: str
    start: datetime
    end: datetime


def runs(
    conn: Connection, wanted: RunFilter, limit: int, before: int | None = None
) -> Sequence[Row[Any]]:
    """Return runs, the latest logical date first, each with the number of its version.

    Args:
        before: the key of a run; only runs that come after it in this order are returned.
    """
    query = (
        select(dag_run, dag_version.c.number)
        .join(dag_version, dag_version.c.id == dag_run.c.version_id)
        .where(*conditions_of_runs(wanted))
        .order_by(dag_run.c.logical_date.desc(), dag_run.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        last = select(dag_run.c.logical_date).where(dag_run.c.id == before).scalar_subquery()
        query = query.where(dag_run.c.logical_date < last)
    return conn.execute(query).all()


def cells(conn: Connection, run_pks: Sequence[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the states of all tasks of these runs: run, task, state, instances, least index.

    A row says how many instances of a task are in one state in one run; one, unless it is mapped.
    The least index is -1 where it is not mapped, or not expanded.
    """
    column = task_instance.c
    return conn.execute(
        select(
            column.dag_run_id, column.task_id, column.state, func.count(),
            func.min(column.map_index),
        )
        .where(column.dag_run_id.in_(run_pks))
        .group_by(column.dag_run_id, column.task_id, column.state)
    ).all()  # fmt: skip


def times(conn: Connection, run_pks: Sequence[int]) -> list[Times]:
    """Return how long the tasks of these runs took, where they have ended."""
    column = task_instance.c
    rows = conn.execute(
        select(
            column.dag_run_id, column.task_id, func.min(column.start_date),
            func.max(column.end_date),
        )
        .where(
            column.dag_run_id.in_(run_pks),
            column.start_date.is_not(None),
            column.end_date.is_not(None),
        )
        .group_by(column.dag_run_id, column.task_id)
    ).all()  # fmt: skip
    return [Times._make(row) for row in rows]


def durations(conn: Connection, dag_id: str, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return start and end of the last successful runs of a DAG, newest first."""
    return conn.execute(
        select(dag_run.c.start_date, dag_run.c.end_date)
        .where(dag_run.c.dag_id == dag_id, dag_run.c.state == RunState.SUCCESS.value)
        .order_by(dag_run.c.logical_date.desc())
        .limit(limit)
    ).all()
