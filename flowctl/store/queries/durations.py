"""How long do tasks take, and how long are the lists that they leave? Their latest runs tell."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from statistics import median_low
from typing import Any

from sqlalchemy import Connection, Select, Subquery, func, select

from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core.states import RunState, TaskState
from flowctl.store.schema import dag_run, task_instance, xcom

RECENT_RUNS = 21  # of a DAG, that ended well: enough for a median, and what is older counts less

Name = tuple[str, str]
"""DAG and task."""


def typical(conn: Connection, dag_ids: Iterable[str]) -> dict[Name, timedelta]:
    """Return how long the tasks of these DAGs take: the median of their latest successes."""
    return _spans(conn, _took(dag_ids))


def of_tasks(conn: Connection, names: Collection[Name]) -> dict[Name, timedelta]:
    """Return how long these tasks take, of few DAGs."""
    wanted = task_instance.c.task_id.in_({task_id for _, task_id in names})
    return _spans(conn, _took({dag_id for dag_id, _ in names}).where(wanted))


def _took(dag_ids: Iterable[str]) -> Select[Any]:
    recent, columns = _recent(dag_ids), task_instance.c
    return (
        select(recent.c.dag_id, columns.task_id, columns.start_date, columns.end_date)
        .join(recent, recent.c.id == columns.dag_run_id)
        .where(columns.state == TaskState.SUCCESS.value, columns.start_date.is_not(None))
    )


def _spans(conn: Connection, query: Select[Any]) -> dict[Name, timedelta]:
    return _medians(
        (dag_id, task_id, max(end - start, timedelta()))
        for dag_id, task_id, start, end in conn.execute(query)
    )


def runs_known(conn: Connection, dag_id: str) -> int:
    """Return of how many runs of a DAG the medians are."""
    return conn.execute(select(func.count()).select_from(_recent([dag_id]))).scalar_one()


def began(conn: Connection, ti_ids: Collection[int]) -> dict[int, datetime]:
    """Return since when these task instances run, of those that do."""
    columns = task_instance.c
    rows = conn.execute(
        select(columns.id, columns.start_date).where(
            columns.id.in_(list(ti_ids)), columns.state == TaskState.RUNNING.value
        )
    )
    return {ti_id: at for ti_id, at in rows if at is not None}


def lengths(conn: Connection, dag_ids: Iterable[str]) -> dict[Name, int]:
    """Return how many elements the results of tasks have, where they are lists: the median."""
    recent = _recent(dag_ids)
    rows = conn.execute(
        select(recent.c.dag_id, task_instance.c.task_id, xcom.c.length)
        .join(task_instance, task_instance.c.id == xcom.c.ti_id)
        .join(recent, recent.c.id == task_instance.c.dag_run_id)
        .where(xcom.c.key == XCOM_RETURN_KEY, xcom.c.length.is_not(None))
    )
    return _medians(iter(rows))


def _recent(dag_ids: Iterable[str]) -> Subquery:
    place = func.row_number().over(
        partition_by=dag_run.c.dag_id, order_by=dag_run.c.logical_date.desc()
    )
    ranked = (
        select(dag_run.c.id, dag_run.c.dag_id, place.label("place"))
        .where(dag_run.c.dag_id.in_(list(dag_ids)), dag_run.c.state == RunState.SUCCESS.value)
        .subquery()
    )
    return select(ranked).where(ranked.c.place <= RECENT_RUNS).subquery()


def _medians(rows: Iterable[Any]) -> dict[Name, Any]:
    seen: dict[Name, list[Any]] = defaultdict(list)
    for dag_id, task_id, value in rows:
        seen[dag_id, task_id].append(value)
    return {name: median_low(values) for name, values in seen.items()}
