"""Insert, or leave or replace the row that is there: the one dialect question of the tables."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table


def insert(conn: Connection, table: Table) -> Any:
    """Return an INSERT that can say what happens ON CONFLICT, of the database's own dialect.

    Each dialect is loaded where it is used: that of PostgreSQL takes as long as all of ours.
    """
    dialect = importlib.import_module(f"sqlalchemy.dialects.{conn.dialect.name}")
    return dialect.insert(table)


def insert_missing(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose key is not there yet; leave the others as they are."""
    conn.execute(insert(conn, table).on_conflict_do_nothing(), list(rows))


def insert_or_replace(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; where the primary key is there already, take over the given columns."""
    statement = insert(conn, table)
    keys = [column.name for column in table.primary_key]
    given = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    conn.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=given), [dict(r) for r in rows]
    )
