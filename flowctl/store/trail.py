"""What a change did, for the audit trail: how a thing was before and is after, without its secrets.

Read from the metastore on both sides of the change, so that no caller can leave something out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, select

from flowctl.store import accounts, roles
from flowctl.store.schema import connection, pool, variable

HIDDEN = "***"

Fields = dict[str, Any]


class Kind(NamedTuple):
    """A kind of thing: what its name is called, and how to read one (None: there is none)."""

    label: str
    read: Callable[[Connection, str], Fields | None]
    secrets: frozenset[str] = frozenset()


@dataclass
class Change:
    """One change; whoever gives the thing another name says so in `name`."""

    name: str
    detail: Fields = field(default_factory=dict)  # once it is done


@contextmanager
def change(conn: Connection, kind: Kind, name: str) -> Iterator[Change]:
    """See what the body does to a thing; its detail is complete afterwards."""
    made = Change(name)
    before = kind.read(conn, name)
    yield made
    after = kind.read(conn, made.name)
    made.detail |= {kind.label: name}
    for side, fields in (("before", before), ("after", after)):
        if fields is not None:
            made.detail[side] = _shown(fields, kind.secrets)
    if before and after:
        made.detail["changed"] = sorted(key for key in after if after[key] != before[key])


def _shown(fields: Fields, secrets: frozenset[str]) -> Fields:
    return {name: HIDDEN if name in secrets and value else value for name, value in fields.items()}


def _row(key: Column[Any]) -> Callable[[Connection, str], Fields | None]:
    def read(conn: Connection, name: str) -> Fields | None:
        row = conn.execute(select(key.table).where(key == name)).mappings().one_or_none()
        return None if row is None else dict(row)

    return read


def _user(conn: Connection, name: str) -> Fields | None:
    found = accounts.one(conn, name)
    names = ("username", "first_name", "last_name", "email", "is_active", "password", "subject")
    if found is None:
        return None
    return {name: getattr(found, name) for name in names} | {"roles": list(found.roles)}


def _role(conn: Connection, name: str) -> Fields | None:
    found = roles.listed(conn).get(name)
    return None if found is None else {"name": name, "allows": [list(pair) for pair in found]}


CONNECTION = Kind("conn_id", _row(connection.c.conn_id), frozenset({"password", "extra"}))
VARIABLE = Kind("key", _row(variable.c.key), frozenset({"value"}))
POOL = Kind("pool", _row(pool.c.name))
USER = Kind("username", _user, frozenset({"password"}))
ROLE = Kind("name", _role)
