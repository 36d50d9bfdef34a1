"""Callbacks that are due although their own process is gone: a row each, until they ran."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, update

from flowctl.store.schema import callback

MAIL = "mail_"  # before the name of an event: not its callbacks are due, but a mail about it


def queue(
    conn: Connection,
    run_pk: int,
    ti_id: int | None,
    try_number: int,
    event: str,
    reason: str,
    now: datetime,
) -> None:
    """Leave word that a callback is due; the scheduler has it run in a process of its own."""
    conn.execute(
        insert(callback).values(
            dag_run_id=run_pk,
            ti_id=ti_id,
            try_number=try_number,
            event=event,
            reason=reason,
            created_at=now,
        )
    )


def started(conn: Connection, pks: Sequence[int]) -> None:
    """Count that a process is about to be started for these callbacks."""
    conn.execute(
        update(callback).where(callback.c.id.in_(pks)).values(started=callback.c.started + 1)
    )


def ran(conn: Connection, pks: Sequence[int]) -> None:
    """Forget callbacks that ran to their end."""
    if pks:
        conn.execute(delete(callback).where(callback.c.id.in_(pks)))
