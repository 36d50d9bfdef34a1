"""The stored connections. Passwords and extras are encrypted; lists need no key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, select

from flowctl.authoring.ports import ConnectionRecord
from flowctl.errors import FlowctlError
from flowctl.store.queries.pages import Found, Page, containing, fetch
from flowctl.store.schema import ID, connection
from flowctl.store.upsert import insert_or_replace

if TYPE_CHECKING:
    from flowctl.store.crypto import Cipher

SECRETS = ("password", "extra")
PORTS = range(65536)
_PLAIN = ("conn_type", "description", "host", "login", "port", "schema")
ORDERS = {name: connection.c[name] for name in _PLAIN} | {
    "id": connection.c.conn_id,
    "connection_id": connection.c.conn_id,
}


class ConnectionRecordError(FlowctlError):
    """A connection cannot be stored as asked."""


def ids(conn: Connection) -> list[str]:
    """Return the ids of all connections, sorted."""
    return list(conn.scalars(select(connection.c.conn_id).order_by(connection.c.conn_id)))


def listed(conn: Connection, page: Page, search: str = "") -> Found:
    """Return a page of connections, without their secrets, where a name contains `search`."""
    wanted = select(connection.c.conn_id, *(connection.c[name] for name in _PLAIN))
    if search:
        named = ("conn_id", "conn_type", "host", "description")
        wanted = wanted.where(containing(search, *(connection.c[name] for name in named)))
    return fetch(conn, wanted, page, ORDERS, "connection_id")


def get(conn: Connection, cipher: Cipher, conn_id: str) -> ConnectionRecord | None:
    """Return one connection with its secrets in clear, or None when there is none.

    Raises:
        CipherError: a secret was encrypted under another key.
    """
    row = conn.execute(select(connection).where(connection.c.conn_id == conn_id)).one_or_none()
    return None if row is None else _in_clear(row, cipher)


def export(conn: Connection, cipher: Cipher, conn_id: str | None = None) -> list[ConnectionRecord]:
    """Return all connections, or those named `conn_id`, secrets in clear, sorted by id.

    Raises:
        CipherError: a secret was encrypted under another key.
    """
    wanted = select(connection).order_by(connection.c.conn_id)
    if conn_id is not None:
        wanted = wanted.where(connection.c.conn_id == conn_id)
    return [_in_clear(row, cipher) for row in conn.execute(wanted)]


def put(conn: Connection, cipher: Cipher, *wanted: ConnectionRecord) -> None:
    """Store connections, replacing older ones as a whole.

    Raises:
        ConnectionRecordError: an id is empty or too long, or a port is none.
    """
    rows = [_as_row(one, cipher) for one in wanted]
    if rows:
        insert_or_replace(conn, connection, rows)


def load(
    conn: Connection, cipher: Cipher, wanted: Sequence[ConnectionRecord], *, overwrite: bool = False
) -> list[str]:
    """Store an imported file's connections; return the ids that were left as they are.

    Raises:
        ConnectionRecordError: as for `put`.
    """
    known = set() if overwrite else set(ids(conn))
    put(conn, cipher, *(one for one in wanted if one.conn_id not in known))
    return sorted(known & {one.conn_id for one in wanted})


def remove(conn: Connection, conn_id: str) -> bool:
    """Delete one connection; say whether there was one."""
    return bool(conn.execute(delete(connection).where(connection.c.conn_id == conn_id)).rowcount)


def _as_row(one: ConnectionRecord, cipher: Cipher) -> dict[str, Any]:
    if not 0 < len(one.conn_id) <= ID:
        raise ConnectionRecordError(
            f"connection id {one.conn_id!r}: must have 1 to {ID} characters"
        )
    if one.port is not None and one.port not in PORTS:
        raise ConnectionRecordError(
            f"connection {one.conn_id!r}: port {one.port} is not in 0 to {PORTS[-1]}"
        )
    row = {name: getattr(one, name) for name in ConnectionRecord.__struct_fields__}
    secrets = {name: cipher.encrypt(row[name]) for name in SECRETS if row[name]}
    return {**row, **secrets}


def _in_clear(row: Row[Any], cipher: Cipher) -> ConnectionRecord:
    values = row._asdict()
    for name in SECRETS:
        if values[name]:
            what = f"{name} of connection {values['conn_id']!r}"
            values[name] = cipher.decrypt(values[name], what)
    return ConnectionRecord(**values)
