"""The stored variables. Values are encrypted; nothing but `get` and `export` decrypts one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, Row, delete, select

from flowctl.errors import FlowctlError
from flowctl.store.queries.pages import Found, Page, containing, fetch
from flowctl.store.schema import ID, variable
from flowctl.store.upsert import insert_or_replace

if TYPE_CHECKING:  # spares those who only list keys the import of cryptography
    from flowctl.store.crypto import Cipher

Existing = Literal["overwrite", "fail", "skip"]
ORDERS = {"description": variable.c.description, "key": variable.c.key}


class VariableError(FlowctlError):
    """A variable cannot be stored as asked."""


@dataclass(frozen=True)
class Variable:
    """One variable in clear."""

    key: str
    value: str
    description: str | None = None


def keys(conn: Connection) -> list[str]:
    """Return the keys of all variables, sorted."""
    return list(conn.scalars(select(variable.c.key).order_by(variable.c.key)))


def listed(conn: Connection, page: Page, search: str = "") -> Found:
    """Return a page of keys and descriptions, of those that contain what is searched for."""
    wanted = select(variable.c.key, variable.c.description)
    if search:
        wanted = wanted.where(containing(search, variable.c.key, variable.c.description))
    return fetch(conn, wanted, page, ORDERS, "key")


def get(conn: Connection, cipher: Cipher, key: str) -> Variable | None:
    """Return one variable, or None when there is none.

    Raises:
        CipherError: its value was encrypted under another key.
    """
    row = conn.execute(select(variable).where(variable.c.key == key)).one_or_none()
    return None if row is None else _in_clear(row, cipher)


def export(conn: Connection, cipher: Cipher) -> list[Variable]:
    """Return all variables, sorted by key.

    Raises:
        CipherError: a value was encrypted under another key.
    """
    rows = conn.execute(select(variable).order_by(variable.c.key))
    return [_in_clear(row, cipher) for row in rows]


def put(conn: Connection, cipher: Cipher, *wanted: Variable) -> None:
    """Store variables, replacing older values and descriptions.

    Raises:
        VariableError: a key is empty or too long.
    """
    for one in wanted:
        if not 0 < len(one.key) <= ID:
            raise VariableError(f"variable key {one.key!r}: must have 1 to {ID} characters")
    rows = [
        {"key": one.key, "value": cipher.encrypt(one.value), "description": one.description}
        for one in wanted
    ]
    if rows:
        insert_or_replace(conn, variable, rows)


def load(
    conn: Connection, cipher: Cipher, wanted: Sequence[Variable], existing: Existing = "overwrite"
) -> list[str]:
    """Store an imported file's variables; return the keys that were left as they are.

    Args:
        existing: what happens to keys that are there: overwritten, left, or nothing is stored.

    Raises:
        VariableError: `existing` is "fail" and a key is there; or as for `put`.
    """
    known = set(keys(conn)) if existing != "overwrite" else set()
    there = sorted(known & {one.key for one in wanted})
    if there and existing == "fail":
        raise VariableError(f"variables that exist already: {', '.join(there)}; nothing was stored")
    put(conn, cipher, *(one for one in wanted if one.key not in known))
    return there


def remove(conn: Connection, key: str) -> bool:
    """Delete one variable; say whether there was one."""
    return bool(conn.execute(delete(variable).where(variable.c.key == key)).rowcount)


def _in_clear(row: Row[Any], cipher: Cipher) -> Variable:
    return Variable(row.key, cipher.decrypt(row.value, f"variable {row.key!r}"), row.description)
