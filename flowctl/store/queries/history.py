"""How a DAG did over time: days by state, and how long its runs and tasks took."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, literal_column, select

from flowctl.store.schema import dag_run


def days(
    conn: Connection, dag_id: str, since: datetime, until: datetime
) -> dict[str, dict[str, int]]:
    """Return how many runs are in which state, by the UTC day of their logical date."""
    day = _day(conn)
    rows = conn.execute(
        select(day.label("day"), dag_run.c.state, func.count())
        .where(
            dag_run.c.dag_id == dag_id,
            dag_run.c.logical_date >= since,
            dag_run.c.logical_date < until,
        )
        .group_by(day, dag_run.c.state)
        .order_by(day)
    )
    found: dict[str, dict[str, int]] = {}
    for name, state, runs in rows:
        found.setdefault(name, {})[state] = runs
    return found


def _day(conn: Connection) -> Any:
    column = dag_run.c.logical_date
    if conn.dialect.name == "postgresql":
        utc = func.timezone(literal_column("'UTC'"), column)
        return func.to_char(utc, literal_column("'YYYY-MM-DD'"))
    return func.strftime(literal_column("'%Y-%m-%d'"), column)
