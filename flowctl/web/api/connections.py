"""Connections. Passwords go in and never come out; what is secret in `extra` is masked."""

import subprocess
import sys
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from flowctl.authoring.masking import HIDDEN, redact
from flowctl.authoring.ports import ConnectionRecord
from flowctl.store import connections, trail
from flowctl.store.roles import CREATE, DELETE, EDIT, READ
from flowctl.web.call import Call
from flowctl.web.paging import SearchedPage, field_of, masked, order_of, page
from flowctl.web.problems import BadRequest, Conflict, Forbidden, NotFound
from flowctl.web.routes import Needs, NoQuery, route

RESOURCE = "Connections"
CONNECTION_ID = Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
CONN_TYPE = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
SHORT = Annotated[str, msgspec.Meta(max_length=500)]


class ConnectionItem(msgspec.Struct):
    connection_id: str
    conn_type: str
    description: str | None
    host: str | None
    login: str | None
    schema: str | None
    port: int | None


class ConnectionCollection(msgspec.Struct):
    connections: list[ConnectionItem]
    total_entries: int


class Connection(ConnectionItem):
    extra: str | None


class ConnectionChanges(msgspec.Struct, kw_only=True):
    """What may be said of a connection; what is left out stays as it is."""

    connection_id: CONNECTION_ID | UnsetType = UNSET
    conn_type: CONN_TYPE | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    host: SHORT | UnsetType | None = UNSET
    login: str | UnsetType | None = UNSET
    schema: SHORT | UnsetType | None = UNSET
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] | UnsetType | None = UNSET
    password: str | UnsetType | None = UNSET
    extra: str | UnsetType | None = UNSET


class TriedConnection(ConnectionChanges, kw_only=True):
    conn_type: CONN_TYPE


class NewConnection(TriedConnection, kw_only=True):
    connection_id: CONNECTION_ID


class ConnectionMask(msgspec.Struct):
    update_mask: list[Annotated[str, field_of(ConnectionChanges.__struct_fields__)]] | None = None


class ConnectionsQuery(SearchedPage, kw_only=True):
    order_by: Annotated[str, order_of(connections.ORDERS)] | None = None


@route("GET", "/connections", may=Needs(READ, RESOURCE), tag="Connection")
def get_connections(call: Call[ConnectionsQuery, None]) -> ConnectionCollection:
    """List connections, without passwords and extras."""
    with call.reading() as conn:
        found = connections.listed(conn, page(call.site, call.query), call.query.search or "")
    listed = [
        ConnectionItem(
            row.conn_id, row.conn_type, row.description, row.host, row.login, row.schema, row.port
        )
        for row in found.rows
    ]
    return ConnectionCollection(listed, found.total)


@route("POST", "/connections", may=Needs(CREATE, RESOURCE), tag="Connection", errors=(409,))
def post_connection(call: Call[NoQuery, NewConnection]) -> Connection:
    """Make a connection."""
    wanted = ConnectionRecord(**_fields(masked(call.body, None)))
    with call.writing() as conn:
        if wanted.conn_id in connections.ids(conn):
            raise Conflict(f"there is a connection {wanted.conn_id!r} already")
        with call.changing(conn, "connection.create", trail.CONNECTION, wanted.conn_id):
            connections.put(conn, call.site.cipher, wanted)
    return _shown(wanted)


class ConnectionTest(msgspec.Struct):
    status: bool
    message: str


TEST_S = 30.0  # how long a test may take


@route("POST", "/connections/test", may=Needs(CREATE, RESOURCE), tag="Connection", errors=(403,))
def test_connection(call: Call[NoQuery, TriedConnection]) -> ConnectionTest:
    """Say whether a connection would work; [core] test_connection must allow it.

    What is not given is that of the stored connection, if there is one: no password leaves.
    """
    if call.site.conf.text("core", "test_connection") != "Enabled":
        raise Forbidden("[core] test_connection is not Enabled: connections are not tested")
    record = _tested(call)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "flowctl.runner.trial"],
            input=msgspec.json.encode(record),
            capture_output=True,
            timeout=TEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ConnectionTest(False, f"no answer within {TEST_S:g} s")
    if done.returncode:
        return ConnectionTest(False, f"the test ended with exit code {done.returncode}")
    is_fine, message = msgspec.json.decode(done.stdout, type=tuple[bool, str])
    return ConnectionTest(is_fine, str(redact(message)))


def _tested(call: Call[NoQuery, TriedConnection]) -> ConnectionRecord:
    """Return what is to be tested: the body, on top of what is stored if the caller may edit it."""
    given = masked(call.body, None)
    name = given.get("connection_id", "test")
    stored = None
    if call.caller.may(EDIT, RESOURCE):
        with call.reading() as conn:
            stored = connections.get(conn, call.site.cipher, name)
    return _merged(stored or ConnectionRecord(name, "generic"), _fields(given))


@route("GET", "/connections/{connection_id}", may=Needs(READ, RESOURCE), tag="Connection")
def get_connection(call: Call[NoQuery, None], connection_id: str) -> Connection:
    """Return a connection."""
    with call.reading() as conn:
        found = connections.get(conn, call.site.cipher, connection_id)
    if found is None:
        raise NotFound(f"there is no connection {connection_id!r}")
    return _shown(found)


@route("PATCH", "/connections/{connection_id}", may=Needs(EDIT, RESOURCE), tag="Connection",
       errors=(400,))  # fmt: skip
def patch_connection(
    call: Call[ConnectionMask, ConnectionChanges], connection_id: str
) -> Connection:
    """Change a connection; *** in its extra stands for the secret that is there."""
    changes = _fields(masked(call.body, call.query.update_mask))
    with call.writing() as conn:
        before = connections.get(conn, call.site.cipher, connection_id)
        if before is None:
            raise NotFound(f"there is no connection {connection_id!r}")
        if call.body.connection_id not in (UNSET, connection_id):
            raise BadRequest("the connection_id in the body is not that in the path; it stays")
        after = _merged(before, changes)
        with call.changing(conn, "connection.edit", trail.CONNECTION, connection_id):
            connections.put(conn, call.site.cipher, after)
    return _shown(after)


@route("DELETE", "/connections/{connection_id}", may=Needs(DELETE, RESOURCE), tag="Connection")
def delete_connection(call: Call[NoQuery, None], connection_id: str) -> None:
    """Delete a connection."""
    with (
        call.writing() as conn,
        call.changing(conn, "connection.delete", trail.CONNECTION, connection_id),
    ):
        if not connections.remove(conn, connection_id):
            raise NotFound(f"there is no connection {connection_id!r}")


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a body under the names that the store has for them."""
    renamed = {"connection_id": "conn_id"}
    return {renamed.get(name, name): value for name, value in given.items()}


def _merged(before: ConnectionRecord, changes: dict[str, Any]) -> ConnectionRecord:
    """Return a connection with changes; what is masked in a new extra is taken from the old."""
    extra = changes.get("extra")
    if extra and before.extra and HIDDEN in extra:
        changes = {**changes, "extra": _unmasked(extra, before.extra)}
    return msgspec.structs.replace(before, **changes)


def _unmasked(extra: str, before: str) -> str:
    if extra == HIDDEN:
        return before
    try:
        new, old = (msgspec.json.decode(text) for text in (extra, before))
    except (msgspec.DecodeError, RecursionError):
        return extra
    return msgspec.json.encode(_with_secrets(new, old)).decode()


def _with_secrets(new: Any, old: Any) -> Any:
    """Return `new` with what stands masked in it replaced by what `old` has at its place."""
    if new == HIDDEN and old is not None:
        return old
    if isinstance(new, dict) and isinstance(old, dict):
        return {key: _with_secrets(value, old.get(key)) for key, value in new.items()}
    if isinstance(new, list) and isinstance(old, list):
        longer = [*old, *[None] * (len(new) - len(old))]
        return [_with_secrets(*pair) for pair in zip(new, longer, strict=False)]
    return new


def _shown(one: ConnectionRecord) -> Connection:
    return Connection(
        one.conn_id,
        one.conn_type,
        one.description,
        one.host,
        one.login,
        one.schema,
        one.port,
        _masked_extra(one.extra),
    )


def _masked_extra(extra: str | None) -> str | None:
    """Return `extra` with its secrets masked; one that is no JSON object is masked as a whole."""
    if not extra:
        return extra
    try:
        found = msgspec.json.decode(extra, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return "***"
    return msgspec.json.encode(redact(found, max_depth=100)).decode()
