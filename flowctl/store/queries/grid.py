"""Many runs at a glance: which tasks are in which state. One query for any number of runs."""

from collections.abc import Iterator, Sequence
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


def cells(conn: Connection, run_pks: Sequence[int]) -> Iterator[tuple[int, list[str], list[str]]]:
    """Yield of each of these runs which tasks it has, and in the same order their states.

    Tasks that are mapped over something are left out: see `mapped_cells`. The database puts the
    tasks of a run into one text: a page of a grid has 150,000, and a row of each took 0.8 s of
    CPU, four times as long (SQLite, 2026-11-21). No task id has a comma in it.
    """
    column = task_instance.c
    both = column.task_id + "," + column.state
    rows = conn.execute(
        select(column.dag_run_id, func.aggregate_strings(both, ","))
        .where(column.dag_run_id.in_(run_pks), column.map_index < 0)
        .group_by(column.dag_run_id)
    )
    for run_pk, text in rows:
        words = text.split(",")
        yield run_pk, words[::2], words[1::2]


def mapped_cells(conn: Connection, run_pks: Sequence[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return how many instances of mapped tasks are in which state: run, task, state, count."""
    column = task_instance.c
    key = (column.dag_run_id, column.task_id, column.state)
    return conn.execute(
        select(*key, func.count())
        .where(column.dag_run_id.in_(run_pks), column.map_index >= 0)
        .group_by(*key)
    ).all()


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
