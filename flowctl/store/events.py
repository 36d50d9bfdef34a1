"""The audit trail: who changed what, when. Rows are only added.

Whoever changes something on behalf of a person calls `record` in the same unit of work, so that
there is neither a change without its row nor a row without its change.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select

from flowctl.store.queries.pages import Found, Page, fetch
from flowctl.store.schema import event

_ADDRESS: ContextVar[str | None] = ContextVar("address", default=None)


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    """Have every row that the body records say from where the change came.

    A variable of the context and no argument: what records is deep in the store, and none of it
    may forget the address.
    """
    token = _ADDRESS.set(address)
    try:
        yield
    finally:
        _ADDRESS.reset(token)


def record(
    conn: Connection,
    name: str,
    actor: str,
    *,
    at: datetime,
    dag_id: str | None = None,
    run_id: str | None = None,
    task_id: str | None = None,
    map_index: int | None = None,
    try_number: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one row.

    Args:
        name: what was done: "trigger", "dag.pause", "variable.set" ...
        actor: who did it, as the edge knows them: a user's name, "cli:<login>".
        detail: more about it, JSON; never a secret.
    """
    address = _ADDRESS.get()
    where = {} if address is None else {"address": address}
    conn.execute(
        insert(event).values(
            at=at,
            name=name,
            actor=actor,
            dag_id=dag_id,
            run_id=run_id,
            task_id=task_id,
            map_index=map_index,
            try_number=try_number,
            detail={**(detail or {}), **where} or None,
        )
    )


def latest(conn: Connection, *, dag_id: str | None = None, limit: int = 100) -> Sequence[Row[Any]]:
    """Return the newest rows first, of one DAG or of all."""
    wanted = select(event).order_by(event.c.at.desc(), event.c.id.desc()).limit(limit)
    if dag_id is not None:
        wanted = wanted.where(event.c.dag_id == dag_id)
    return conn.execute(wanted).all()


@dataclass(frozen=True)
class EventFilter:
    """Which rows; None and empty mean any."""

    readable: Collection[str] | None = None  # rows about other DAGs are left out
    dag_id: str | None = None
    task_id: str | None = None
    run_id: str | None = None
    map_index: int | None = None
    try_number: int | None = None
    name: str | None = None
    actor: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    included: Collection[str] = ()
    excluded: Collection[str] = ()


ORDERS = {
    "when": event.c.at,
    "dttm": event.c.at,
    "dag_id": event.c.dag_id,
    "task_id": event.c.task_id,
    "run_id": event.c.run_id,
    "event": event.c.name,
    "owner": event.c.actor,
    "id": event.c.id,
    "event_log_id": event.c.id,
}


def listed(conn: Connection, page: Page, wanted: EventFilter) -> Found:
    """Return a page of rows."""
    query = select(event)
    for column, value in (
        (event.c.dag_id, wanted.dag_id),
        (event.c.task_id, wanted.task_id),
        (event.c.run_id, wanted.run_id),
        (event.c.map_index, wanted.map_index),
        (event.c.try_number, wanted.try_number),
        (event.c.name, wanted.name),
        (event.c.actor, wanted.actor),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.readable is not None:
        query = query.where(or_(event.c.dag_id.is_(None), event.c.dag_id.in_(wanted.readable)))
    if wanted.before is not None:
        query = query.where(event.c.at < wanted.before)
    if wanted.after is not None:
        query = query.where(event.c.at > wanted.after)
    if wanted.included:
        query = query.where(event.c.name.in_(wanted.included))
    if wanted.excluded:
        query = query.where(event.c.name.not_in(wanted.excluded))
    return fetch(conn, query, page, ORDERS, "event_log_id")


def one(conn: Connection, pk: int) -> Row[Any] | None:
    """Return one row, or None."""
    return conn.execute(select(event).where(event.c.id == pk)).one_or_none()
