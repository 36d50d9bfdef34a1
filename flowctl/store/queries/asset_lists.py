"""The lists of the API about assets: the assets themselves, their events, what is queued."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select

from flowctl.store.assets import is_meant
from flowctl.store.queries.pages import Found, Page, fetch
from flowctl.store.schema import (
    asset,
    asset_event,
    asset_queue,
    asset_reference,
    asset_run_event,
    dag,
    dag_run,
)

ORDERS = {
    "uri": asset.c.uri,
    "created_at": asset.c.created_at,
    "updated_at": asset.c.updated_at,
    "id": asset.c.id,
}
EVENT_ORDERS = {
    name: asset_event.c[name]
    for name in ("source_dag_id", "source_task_id", "source_run_id", "source_map_index")
} | {
    "timestamp": asset_event.c.at,
    "id": asset_event.c.id,
}


def assets(
    conn: Connection,
    page: Page,
    *,
    pattern: str | None = None,
    dag_ids: Collection[str] | None = None,
) -> Found:
    """Return a page of assets; `dag_ids` keeps those that one of these DAGs names."""
    wanted = select(asset)
    if pattern:
        wanted = wanted.where(asset.c.uri.icontains(pattern.replace("%", ""), autoescape=True))
    if dag_ids is not None:
        named = (
            select(asset_reference.c.id)
            .where(asset_reference.c.dag_id.in_(dag_ids), is_meant())
            .correlate(asset)
        )
        wanted = wanted.where(named.exists())
    return fetch(conn, wanted, page, ORDERS, "id")


def one(conn: Connection, uri: str) -> Row[Any] | None:
    """Return an asset by its URI, or None."""
    return conn.execute(select(asset).where(asset.c.uri == uri)).one_or_none()


def references(conn: Connection, asset_ids: Iterable[int]) -> dict[int, list[Row[Any]]]:
    """Return which active DAGs name these assets, by the asset's key."""
    wanted = list(asset_ids)
    found: dict[int, list[Row[Any]]] = {pk: [] for pk in wanted}
    rows = conn.execute(
        select(asset.c.id.label("asset_id"), asset_reference, dag.c.parsed_at)
        .select_from(asset)
        .join(asset_reference, is_meant())
        .join(dag, dag.c.dag_id == asset_reference.c.dag_id)
        .where(asset.c.id.in_(wanted), dag.c.is_active)
        .order_by(asset_reference.c.dag_id, asset_reference.c.task_id)
    )
    for row in rows:
        found[row.asset_id].append(row)
    return found


@dataclass(frozen=True)
class EventFilter:
    """Which events; None means any."""

    readable: Collection[str] | None = None  # those of other DAGs are left out
    asset_id: int | None = None
    dag_id: str | None = None
    task_id: str | None = None
    run_id: str | None = None
    map_index: int | None = None
    taken_by: int | None = None  # the run that was made for it
    event_id: int | None = None


def events(conn: Connection, page: Page, wanted: EventFilter) -> Found:
    """Return a page of events, each with the URI of its asset."""
    query = select(asset_event, asset.c.uri).join(asset, asset.c.id == asset_event.c.asset_id)
    for column, value in (
        (asset_event.c.asset_id, wanted.asset_id),
        (asset_event.c.source_dag_id, wanted.dag_id),
        (asset_event.c.source_task_id, wanted.task_id),
        (asset_event.c.source_run_id, wanted.run_id),
        (asset_event.c.source_map_index, wanted.map_index),
        (asset_event.c.id, wanted.event_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.taken_by is not None:
        taken = select(asset_run_event.c.event_id)
        query = query.where(
            asset_event.c.id.in_(taken.where(asset_run_event.c.dag_run_id == wanted.taken_by))
        )
    if wanted.readable is not None:
        source = asset_event.c.source_dag_id
        query = query.where(or_(source.is_(None), source.in_(wanted.readable)))
    return fetch(conn, query, page, EVENT_ORDERS, "timestamp")


def runs_of(conn: Connection, event_ids: Iterable[int]) -> dict[int, list[Row[Any]]]:
    """Return the runs that were made for these events, by the event's key."""
    wanted = list(event_ids)
    found: dict[int, list[Row[Any]]] = {pk: [] for pk in wanted}
    rows = conn.execute(
        select(asset_run_event.c.event_id, dag_run)
        .join(dag_run, dag_run.c.id == asset_run_event.c.dag_run_id)
        .where(asset_run_event.c.event_id.in_(wanted))
        .order_by(dag_run.c.id)
    )
    for row in rows:
        found[row.event_id].append(row)
    return found


@dataclass(frozen=True)
class QueueFilter:
    """Which queued updates; None means any."""

    readable: Collection[str] | None = None
    dag_id: str | None = None
    uri: str | None = None
    before: datetime | None = None


def queued(conn: Connection, wanted: QueueFilter) -> list[Row[Any]]:
    """Return which assets are new for which DAGs."""
    query = (
        select(asset_queue, asset.c.uri)
        .join(asset, asset.c.id == asset_queue.c.asset_id)
        .where(*_queue_conditions(wanted))
        .order_by(asset_queue.c.created_at, asset.c.uri)
    )
    return list(conn.execute(query).all())


def unqueue(conn: Connection, wanted: QueueFilter) -> int:
    """Forget that assets are new for DAGs; return for how many."""
    found = queued(conn, wanted)
    for row in found:
        conn.execute(
            delete(asset_queue).where(
                asset_queue.c.dag_id == row.dag_id, asset_queue.c.asset_id == row.asset_id
            )
        )
    return len(found)


def _queue_conditions(wanted: QueueFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.readable is not None:
        conditions.append(asset_queue.c.dag_id.in_(wanted.readable))
    if wanted.dag_id is not None:
        conditions.append(asset_queue.c.dag_id == wanted.dag_id)
    if wanted.uri is not None:
        conditions.append(asset.c.uri == wanted.uri)
    if wanted.before is not None:
        conditions.append(asset_queue.c.created_at < wanted.before)
    return conditions
