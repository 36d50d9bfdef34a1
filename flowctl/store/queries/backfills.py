"""Backfills, their dates, and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, func, select

from flowctl.core.backfill import BackfillError
from flowctl.store.schema import backfill, backfill_run, dag_run


def found(conn: Connection, dag_id: str | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return all backfills, the newest first, with how many dates each has and has made."""
    count = [
        func.count(backfill_run.c.id).label("dates"),
        func.count(backfill_run.c.made_at).label("made"),
    ]
    query = (
        select(backfill, *count)
        .join(backfill_run, backfill_run.c.backfill_id == backfill.c.id)
        .group_by(backfill.c.id)
        .order_by(backfill.c.id.desc())
    )
    if dag_id is not None:
        query = query.where(backfill.c.dag_id == dag_id)
    return conn.execute(query).all()


def one(conn: Connection, pk: int) -> Row[*tuple[Any, ...]]:
    """Return one backfill.

    Raises:
        BackfillError: there is none.
    """
    row = conn.execute(select(backfill).where(backfill.c.id == pk)).one_or_none()
    if row is None:
        raise BackfillError(f"there is no backfill {pk}; see flowctl backfill list")
    return row


def dates_of(conn: Connection, pk: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the dates of a backfill in order, with run_id and state of the runs."""
    return conn.execute(
        select(backfill_run, dag_run.c.run_id, dag_run.c.state)
        .outerjoin(dag_run, dag_run.c.id == backfill_run.c.dag_run_id)
        .where(backfill_run.c.backfill_id == pk)
        .order_by(backfill_run.c.ordinal)
    ).all()


@dataclass
class Progress:
    """How far a backfill is: how many of its dates ..."""

    dates: int = 0  # in all
    to_come: int = 0  # have no run yet
    left_out: int = 0  # get none: there is one already
    states: dict[str, int] = field(default_factory=dict)  # have a run in which state


def progress(conn: Connection, pks: Sequence[int]) -> dict[int, Progress]:
    """Return how far these backfills are. One query, whatever their number."""
    date = backfill_run.c
    rows = conn.execute(
        select(
            date.backfill_id, date.made_at.is_(None), date.dag_run_id.is_(None), dag_run.c.state,
            func.count(),
        )
        .outerjoin(dag_run, dag_run.c.id == date.dag_run_id)
        .where(date.backfill_id.in_(pks))
        .group_by(
            date.backfill_id, date.made_at.is_(None), date.dag_run_id.is_(None), dag_run.c.state
        )
    ).all()  # fmt: skip
    found = {pk: Progress() for pk in pks}
    for pk, waits, has_no_run, state, count in rows:
        one = found[pk]
        one.dates += count
        if waits:
            one.to_come += count
        elif has_no_run or state is None:
            one.left_out += count
        else:
            one.states[state] = one.states.get(state, 0) + count
    return found
