"""A daemon's sign of life: one row of `process` for each time it ran.

`store.cleaning` deletes the rows of those that are long gone.
"""

import contextlib
import os
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from flowctl.store import lease
from flowctl.store.engine import writing
from flowctl.store.schema import process

BEAT_EVERY_S = 10.0  # a third of the time after which a process counts as silent


class Presence:
    """The row of this process; made at the first sign of life."""

    def __init__(self, kind: str, identity: str | None = None, pid: int | None = None) -> None:
        """Take what kind of daemon it is.

        Args:
            identity: what tells it from a later process with its pid; whoever comes with the
                same one goes on with its row.
            pid: by default of this process.
        """
        self._kind = kind
        self._identity = identity
        self._host = socket.gethostname()
        self._pid = pid or os.getpid()
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
        pk = self._pk or self._known(conn)
        if pk is not None:
            conn.execute(update(process).where(process.c.id == pk).values(ended_at=now))

    def _begin(
        self,
        conn: Connection,
        now: datetime,
        tick_at: datetime | None,
        facts: dict[str, Any] | None,
    ) -> None:
        self._bury(conn)
        self._pk = self._known(conn)
        if self._pk is not None:
            return self.seen(conn, now, tick_at=tick_at, facts=facts)
        self._pk = conn.execute(
            insert(process)
            .values(
                kind=self._kind,
                host=self._host,
                pid=self._pid,
                started_at=now,
                seen_at=now,
                tick_at=tick_at,
                identity=self._identity,
                facts=facts,
            )
            .returning(process.c.id)
        ).scalar_one()
        return None

    def _known(self, conn: Connection) -> int | None:
        if self._identity is None:
            return None
        columns = process.c
        return conn.scalar(
            select(columns.id).where(
                columns.kind == self._kind,
                columns.host == self._host,
                columns.pid == self._pid,
                columns.identity == self._identity,
            )
        )

    def _bury(self, conn: Connection) -> None:
        """Say for those of this kind and machine that were killed that they ended."""
        columns = process.c
        found = conn.execute(
            select(columns.id, columns.pid).where(
                columns.kind == self._kind,
                columns.host == self._host,
                columns.ended_at.is_(None),
            )
        )
        gone = [pk for pk, pid in found if not Path(f"/proc/{pid}").exists()]
        conn.execute(update(process).where(columns.id.in_(gone)).values(ended_at=columns.seen_at))


class Pulse:
    """Signs of life of a process that has no rounds of work to tell of."""

    def __init__(self, engine: Engine, presence: Presence) -> None:
        self._engine = engine
        self._presence = presence
        self._due_at = 0.0

    @property
    def is_due(self) -> bool:
        """Say whether the last sign is old."""
        return time.monotonic() >= self._due_at

    def beat(self, now: datetime) -> None:
        """Leave a sign if the last one is old; without the metastore, that is without it."""
        if not self.is_due:
            return
        self._due_at = time.monotonic() + BEAT_EVERY_S
        with contextlib.suppress(SQLAlchemyError), writing(self._engine) as conn:
            self._presence.seen(conn, lease.moment(conn, now))

    def stop(self, now: datetime) -> None:
        """Say goodbye; without the metastore, the last sign grows old by itself."""
        with contextlib.suppress(SQLAlchemyError), writing(self._engine) as conn:
            self._presence.ended(conn, lease.moment(conn, now))
