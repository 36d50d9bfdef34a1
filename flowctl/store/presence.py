"""A daemon's sign of life: one row of `process` for each time it ran.

`store.cleaning` deletes the rows of those that are long gone.
"""

import os
import socket
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from flowctl.store.schema import process


class Presence:
    """The row of this process; made at the first sign of life."""

    def __init__(self, kind: str, identity: str | None = None) -> None:
        """Take what kind of daemon it is, and what tells it from a later process with its pid."""
        self._kind = kind
        self._identity = identity
        self._pk: int | None = None

    @property
    def pk(self) -> int | None:
        """Return the key of the row, None before the first sign of life."""
        return self._pk

    def seen(
        self,
        conn: Connection,
        now: datetime,
        *,
        tick_at: datetime | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """Write that this process lives.

        Args:
            tick_at: when its last round of work was complete.
            facts: what it knows of its machine, for others.
        """
        if self._pk is not None:
            signs = {"seen_at": now, "tick_at": tick_at, "facts": facts}
            changed = conn.execute(update(process).where(process.c.id == self._pk).values(signs))
            if changed.rowcount:
                return
        self._begin(conn, now, tick_at, facts)

    def ended(self, conn: Connection, now: datetime) -> None:
        """Write that this process ends, so that nobody takes it for alive from now on."""
        if self._pk is not None:
            conn.execute(update(process).where(process.c.id == self._pk).values(ended_at=now))

    def _begin(
        self,
        conn: Connection,
        now: datetime,
        tick_at: datetime | None,
        facts: dict[str, Any] | None,
    ) -> None:
        self._pk = conn.execute(
            insert(process)
            .values(
                kind=self._kind,
                host=socket.gethostname(),
                pid=os.getpid(),
                started_at=now,
                seen_at=now,
                tick_at=tick_at,
                identity=self._identity,
                facts=facts,
            )
            .returning(process.c.id)
        ).scalar_one()
