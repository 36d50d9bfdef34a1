"""Scheduled runs that are passed over: they leave a row of the audit trail, and are never made."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from flowctl.store import events
from flowctl.store.schema import dag, event

if TYPE_CHECKING:
    from flowctl.core.plan import PassedOver  # the command line reads here, and decides nothing

EVENT = "runs.pass_over"
ACTOR = "scheduler"
ROWS_READ = 1000  # of the trail, the newest, when somebody asks after one date


def note(conn: Connection, passed: "Sequence[PassedOver]", now: datetime) -> None:
    """Note up to where runs are passed over, so that no later scheduler makes them."""
    for one in passed:
        conn.execute(
            update(dag)
            .where(dag.c.dag_id == one.dag_id)
            .values(passed_start=one.last.interval_start, passed_end=one.last.interval_end)
        )
        detail = {
            "first": one.first.logical_date.isoformat(),
            "last": one.last.logical_date.isoformat(),
            "why": one.why,
        }
        events.record(conn, EVENT, ACTOR, at=now, dag_id=one.dag_id, detail=detail)


def reason(conn: Connection, dag_id: str, logical_date: datetime) -> str | None:
    """Return why the run of a date was passed over, None where the trail does not say so."""
    rows = conn.execute(
        select(event.c.detail)
        .where(event.c.dag_id == dag_id, event.c.name == EVENT)
        .order_by(event.c.id.desc())
        .limit(ROWS_READ)
    )
    return next((detail["why"] for (detail,) in rows if _holds(detail, logical_date)), None)


def _holds(detail: dict[str, Any], moment: datetime) -> bool:
    first, last = (datetime.fromisoformat(detail[key]) for key in ("first", "last"))
    return first <= moment <= last
