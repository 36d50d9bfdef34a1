"""Many runs at a glance: which tasks are in which state. One query for any number of runs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from flowctl.core.states import RunState
from flowctl.store.queries.listings import RunFilter, conditions_of_runs
from flowctl.store.schema import dag_run, dag_version, task_instance


class Cell(NamedTuple):
    """How many instances of a task are in one state in one run; one, unless the task is mapped."""

    run_pk: int
    task_id: str
    state: str
    instances: int
    least_index: int  # -1 where the task is not mapped, or not expanded
    tries: int
    start: Any
    end: Any


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


def cells(conn: Connection, run_pks: Sequence[int]) -> list[Cell]:
    """Return the states of all tasks of these runs."""
    column = task_instance.c
    rows = conn.execute(
        select(
            column.dag_run_id,
            column.task_id,
            column.state,
            func.count(),
            func.min(column.map_index),
            func.max(column.try_number - column.resumed),
            func.min(column.start_date),
            func.max(column.end_date),
        )
        .where(column.dag_run_id.in_(run_pks))
        .group_by(column.dag_run_id, column.task_id, column.state)
    )
    return [Cell(*row) for row in rows]


def durations(conn: Connection, dag_id: str, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return start and end of the last successful runs of a DAG, newest first."""
    return conn.execute(
        select(dag_run.c.start_date, dag_run.c.end_date)
        .where(dag_run.c.dag_id == dag_id, dag_run.c.state == RunState.SUCCESS.value)
        .order_by(dag_run.c.logical_date.desc())
        .limit(limit)
    ).all()
