"""The processes of flowctl, as they reported themselves."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from flowctl.store.schema import process


def listed(
    conn: Connection, kind: str | None = None, *, ended: bool = False, limit: int | None = None
) -> Sequence[Row[Any]]:
    """Return processes, latest sign of life first.

    Args:
        kind: "scheduler", "runner" ...; None means all.
        ended: also those that said goodbye. One that was killed did not: look at `seen_at`.
    """
    wanted = select(process).order_by(process.c.seen_at.desc(), process.c.id.desc()).limit(limit)
    if kind is not None:
        wanted = wanted.where(process.c.kind == kind)
    if not ended:
        wanted = wanted.where(process.c.ended_at.is_(None))
    return conn.execute(wanted).all()
