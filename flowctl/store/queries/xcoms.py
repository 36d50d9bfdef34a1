"""XComs, as the API lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from flowctl.store.queries.listings import Readable
from flowctl.store.queries.pages import Found, Page, containing, fetch
from flowctl.store.schema import dag_run, task_instance, xcom


@dataclass(frozen=True)
class XComFilter:
    """Which XComs; None means any."""

    readable: Readable = None
    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None
    map_index: int | None = None
    key: str | None = None


def listed(conn: Connection, page: Page, wanted: XComFilter) -> Found:
    """Return a page of XComs, without their values."""
    query = _joined(xcom.c.ti_id, xcom.c.key, xcom.c.created_at)
    for column, value in (
        (dag_run.c.dag_id, wanted.dag_id),
        (dag_run.c.run_id, wanted.run_id),
        (task_instance.c.task_id, wanted.task_id),
        (task_instance.c.map_index, wanted.map_index),
        (xcom.c.key, wanted.key),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.readable is not None:
        query = query.where(dag_run.c.dag_id.in_(wanted.readable))
    columns = {"timestamp": xcom.c.created_at, "ti_id": xcom.c.ti_id, "key": xcom.c.key}
    return fetch(conn, query, page, columns, "ti_id")


def searched(conn: Connection, page: Page, readable: Readable, parts: Mapping[str, str]) -> Found:
    """Return a page of XComs with their values, the latest first.

    Args:
        parts: what names must contain, by the fields dag_id, run_id, task_id and key.
    """
    query = _joined(xcom.c.ti_id, xcom.c.key, xcom.c.created_at, xcom.c.value)
    by_name = {
        "dag_id": dag_run.c.dag_id,
        "run_id": dag_run.c.run_id,
        "task_id": task_instance.c.task_id,
        "key": xcom.c.key,
    }
    for name, part in parts.items():
        if part:
            query = query.where(containing(part, by_name[name]))
    if readable is not None:
        query = query.where(dag_run.c.dag_id.in_(readable))
    columns = {"created_at": xcom.c.created_at, "key": xcom.c.key, "ti_id": xcom.c.ti_id}
    return fetch(conn, query, page, columns, "-ti_id")


def one(
    conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int, key: str
) -> Row[Any] | None:
    """Return one XCom with its value, or None."""
    return conn.execute(
        _joined(xcom.c.key, xcom.c.created_at, xcom.c.value).where(
            dag_run.c.dag_id == dag_id,
            dag_run.c.run_id == run_id,
            task_instance.c.task_id == task_id,
            task_instance.c.map_index == map_index,
            xcom.c.key == key,
        )
    ).one_or_none()


def _joined(*columns: Any) -> Select[Any]:
    run = (dag_run.c.dag_id, dag_run.c.run_id, dag_run.c.logical_date)
    return (
        select(*columns, *run, task_instance.c.task_id, task_instance.c.map_index)
        .join(task_instance, task_instance.c.id == xcom.c.ti_id)
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
    )
