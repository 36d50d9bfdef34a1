"""Draining: what runs is finished, nothing new starts. One row, which outlives every restart.

Wake the scheduler after the commit.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, text

from flowctl.core.drain import Drain
from flowctl.core.states import OCCUPYING
from flowctl.store import events
from flowctl.store.schema import UNFINISHED_TASKS, drain, task_instance

ONLY = 1


def read(conn: Connection) -> Drain | None:
    """Return who lets flowctl drain; None: nobody."""
    row = conn.execute(select(drain.c.by, drain.c.since)).one_or_none()
    return row and Drain(row.by, row.since)


def begin(conn: Connection, by: str, at: datetime) -> bool:
    """Start nothing new from now on; False where that is so already."""
    if read(conn) is not None:
        return False
    conn.execute(insert(drain).values(id=ONLY, by=by, since=at))
    events.record(conn, "drain.begin", by, at=at, detail={"before": None, "after": by})
    return True


def end(conn: Connection, by: str, at: datetime) -> bool:
    """Start things again; False where nothing was in their way."""
    before = read(conn)
    if before is None:
        return False
    conn.execute(delete(drain))
    events.record(conn, "drain.end", by, at=at, detail={"before": before.by, "after": None})
    return True


def left(conn: Connection) -> int:
    """Return how many tasks are still being run."""
    states = [state.value for state in OCCUPYING]
    return conn.execute(
        select(func.count())
        .select_from(task_instance)
        .where(text(UNFINISHED_TASKS), task_instance.c.state.in_(states))
    ).scalar_one()
