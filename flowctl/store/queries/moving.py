"""Which runs moved since the last look? It costs as much as there are unfinished runs."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, or_, select, text

from flowctl.store.schema import UNFINISHED_RUNS, dag_run

RECENT = timedelta(seconds=5)
"""A run may begin and end between two looks. What ended so lately is looked at, too: a transaction
may take that long, and clocks of two machines may differ by as much."""


class Moved(NamedTuple):
    """A run that has another revision than before."""

    dag_id: str
    run_id: str
    state: str
    revision: int


class Watch:
    """Remembers what it saw."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def look(self, conn: Connection, now: datetime) -> list[Moved]:
        """Return the runs that moved, began or ended since the last look."""
        columns = (
            dag_run.c.id,
            dag_run.c.dag_id,
            dag_run.c.run_id,
            dag_run.c.state,
            dag_run.c.revision,
        )
        is_news = or_(text(UNFINISHED_RUNS), dag_run.c.end_date > now - RECENT)
        rows = list(conn.execute(select(*columns).where(is_news)))
        gone = self._seen.keys() - {row.id for row in rows}
        if gone:
            rows += conn.execute(select(*columns).where(dag_run.c.id.in_(gone))).all()
        moved = [row for row in rows if self._seen.get(row.id) != row.revision]
        self._seen = {row.id: row.revision for row in rows if row.id not in gone}
        return [Moved(row.dag_id, row.run_id, row.state, row.revision) for row in moved]
