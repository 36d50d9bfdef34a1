"""What a deferred task waits for, and who runs that."""

from typing import Any

from sqlalchemy import Connection, select

from flowctl.store.schema import deferral, process


def of_task(conn: Connection, ti_id: int) -> Any:
    """Return the row of a deferred task with its triggerer, or None; its columns are named below.

    `host`, `pid`, `seen_at` and `ended_at` are of the triggerer; None: nobody has it yet.
    """
    columns = (process.c.host, process.c.pid, process.c.seen_at, process.c.ended_at)
    return conn.execute(
        select(deferral, *columns)
        .outerjoin(process, process.c.id == deferral.c.holder)
        .where(deferral.c.ti_id == ti_id)
    ).one_or_none()
