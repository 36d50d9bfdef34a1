"""Which of the triggerers that hold rows are no more?"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from flowctl import clock
from flowctl.runner import identity
from flowctl.store import lease


class Holders:
    """This triggerer, and how it tells that another one is gone."""

    def __init__(self, own: Callable[[], int], host: str, dead_after: timedelta) -> None:
        """Take who this is.

        Args:
            own: the row of this process in `process`.
            dead_after: how old the last sign of life of a triggerer elsewhere may be.
        """
        self._own = own
        self._host = host
        self._dead_after = dead_after

    @property
    def own(self) -> int:
        """Return the row of this process in `process`."""
        return self._own()

    def gone(self, conn: Connection, holders: "Sequence[Row[Any]]") -> list[int]:
        """Return those of these processes that are no more."""
        rows = [row for row in holders if row.id != self.own]
        if not rows:
            return []
        now = lease.moment(conn, clock.utcnow())
        return [row.id for row in rows if self._is_gone(row, now)]

    def _is_gone(self, row: "Row[Any]", now: datetime) -> bool:
        if row.ended_at is not None or now - row.seen_at > self._dead_after:
            return True
        if row.host != self._host or not row.identity:
            return False
        return not identity.is_alive(msgspec.json.decode(row.identity, type=identity.Identity))
