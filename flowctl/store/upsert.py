"""Insert, or leave or replace the row that is there: the one dialect question of the tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def _insert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    if conn.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def insert_missing(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose key is not there yet; leave the others as they are."""
    conn.execute(_insert(conn, table).on_conflict_do_nothing(), list(rows))


def insert_or_replace(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; where the primary key is there already, take over the given columns."""
    statement = _insert(conn, table)
    keys = [column.name for column in table.primary_key]
    given = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    conn.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=given), [dict(r) for r in rows]
    )
