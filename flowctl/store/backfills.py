"""Backfills as rows: made by a person, carried out by the scheduler.

A backfill is its row and one row of `backfill_run` for each date, in the order of making. The
scheduler reads the open ones (`read_open`), decides which dates come next (`core.tick`), and makes
their runs in the transaction that marks these rows as made: killed anywhere, it goes on where it
was. Its runs have limits of their own and run also while their DAG is paused. Pausing a backfill
makes no further runs; cancelling it, too, and what runs goes on to its end.

Here is what a person does with them. How their runs are made, `backfill_runs` says; how far they
are, `queries.backfills`.

Source: Airflow 2.10's `dags backfill` and 3.3's `backfill create`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from flowctl.core.backfill import BackfillError, Shape, dates
from flowctl.core.spec import DagSpec
from flowctl.core.states import RunState, RunType
from flowctl.core.timetables import Due
from flowctl.store import clears, confs, events
from flowctl.store.backfill_runs import EXISTING
from flowctl.store.crypto import Cipher
from flowctl.store.queries import backfills as queries
from flowctl.store.schema import backfill, backfill_run, dag_run


@dataclass(frozen=True)
class Wanted:
    """What a person asks for."""

    dag_id: str
    since: datetime
    until: datetime
    existing: str = "none"
    conf: Mapping[str, Any] | None = None
    shape: Shape = field(default_factory=Shape)
    max_active_runs: int = 10
    run_backwards: bool = False
    stops_on_failure: bool = False
    keeps_version: bool = False
    answered: Sequence[Due] | None = None  # the dates, where a user wrote the timetable


def planned(conn: Connection, wanted: Wanted, now: datetime) -> list[Any]:
    """Return the dates that `create` would fill, in order.

    Raises:
        BackfillError: see `create`.
    """
    owner = spec(conn, wanted.dag_id)
    _check(owner, wanted)
    found = dates(owner, wanted.since, wanted.until, now, wanted.answered)
    return found[::-1] if wanted.run_backwards else found


def foreseen(
    conn: Connection, wanted: Wanted, now: datetime
) -> list[tuple[datetime, RunState | None, bool]]:
    """Return the dates that `create` would fill, in order, and what is there.

    Returns:
        for each date: the state of its run, None without one; and whether the backfill makes a
        run for it, or takes over the one that is there.

    Raises:
        BackfillError: see `create`.
    """
    dues = [due.logical_date for due in planned(conn, wanted, now)]
    if not dues:
        return []
    rows = conn.execute(
        select(dag_run.c.logical_date, dag_run.c.state)
        .where(
            dag_run.c.dag_id == wanted.dag_id,
            dag_run.c.logical_date.between(min(dues), max(dues)),
        )
        .order_by(dag_run.c.id)
    )
    there = {row.logical_date: RunState(row.state) for row in rows}
    takes = (None, *EXISTING[wanted.existing].takes)
    return [(date, there.get(date), there.get(date) in takes) for date in dues]


def create(
    conn: Connection, wanted: Wanted, actor: str, now: datetime, cipher: Cipher | None = None
) -> int | None:
    """Make a backfill; return its number. Wake the scheduler after the commit.

    Args:
        cipher: the keys for what is secret in the conf; None where nothing can be.

    Returns:
        None when there is no date to fill.

    Raises:
        BackfillError: there is no such DAG, it has an open backfill or no dates by itself, or what
            is asked does not go together.
        CipherError: the conf has a secret, and there is no key.
    """
    found = planned(conn, wanted, now)
    if not found:
        return None
    _require_none_open(conn, wanted.dag_id)
    pk: int = conn.execute(
        insert(backfill)
        .values(
            dag_id=wanted.dag_id,
            from_date=wanted.since,
            to_date=wanted.until,
            conf=None if wanted.conf is None else confs.sealed(wanted.conf, cipher),
            existing=wanted.existing,
            shape=msgspec.to_builtins(wanted.shape),
            max_active_runs=wanted.max_active_runs,
            run_backwards=wanted.run_backwards,
            stops_on_failure=wanted.stops_on_failure,
            keeps_version=wanted.keeps_version,
            actor=actor,
            created_at=now,
        )
        .returning(backfill.c.id)
    ).scalar_one()
    rows = [
        {
            "backfill_id": pk,
            "ordinal": ordinal,
            "logical_date": due.logical_date,
            "interval_start": due.interval_start,
            "interval_end": due.interval_end,
        }
        for ordinal, due in enumerate(found, 1)
    ]
    conn.execute(insert(backfill_run), rows)
    detail = {"backfill": pk, "runs": len(rows)}
    events.record(conn, "backfill.create", actor, at=now, dag_id=wanted.dag_id, detail=detail)
    return pk


def spec(conn: Connection, dag_id: str) -> DagSpec:
    """Return the DAG as its newest version has it.

    Raises:
        BackfillError: there is no such DAG.
    """
    try:
        return clears.newest(conn, dag_id)[0].spec
    except clears.ClearError as error:
        raise BackfillError(str(error)) from error


def _check(spec: DagSpec, wanted: Wanted) -> None:
    if wanted.since > wanted.until:
        raise BackfillError(f"the first date, {wanted.since}, is after the last, {wanted.until}")
    if spec.allowed_run_types is not None and RunType.BACKFILL not in spec.allowed_run_types:
        raise BackfillError(
            f"DAG {spec.dag_id!r} may not be backfilled: its allowed_run_types are"
            f" {', '.join(spec.allowed_run_types)}"
        )
    past = sorted(task.task_id for task in spec.tasks if task.depends_on_past)
    if past and wanted.run_backwards:
        raise BackfillError(
            f"DAG {spec.dag_id!r} cannot run backwards: {', '.join(past)} depend on the run before"
        )
    if past and wanted.existing == "none":
        raise BackfillError(
            f"{', '.join(past)} of DAG {spec.dag_id!r} depend on the run before, so runs that are"
            " there must run again: --reprocess-behavior failed or completed"
        )


def _require_none_open(conn: Connection, dag_id: str) -> None:
    there = conn.scalar(
        select(backfill.c.id).where(backfill.c.dag_id == dag_id, backfill.c.completed_at.is_(None))
    )
    if there is not None:
        raise BackfillError(
            f"DAG {dag_id!r} has an open backfill, {there}; wait for it, or end it with: flowctl"
            f" backfill cancel {there}"
        )


def pause(conn: Connection, pk: int, actor: str, now: datetime, *, paused: bool = True) -> bool:
    """Pause a backfill, or let it go on; say whether that changed anything.

    Raises:
        BackfillError: there is no such backfill, or it has ended.
    """
    row = _open(conn, pk)
    if row.is_paused is paused:
        return False
    conn.execute(update(backfill).where(backfill.c.id == pk).values(is_paused=paused))
    name = "backfill.pause" if paused else "backfill.unpause"
    detail = {"backfill": pk, "before": {"is_paused": not paused}, "after": {"is_paused": paused}}
    events.record(conn, name, actor, at=now, dag_id=row.dag_id, detail=detail)
    return True


def cancel(conn: Connection, pk: int, actor: str, now: datetime) -> None:
    """End a backfill: no further runs are made, what runs goes on.

    Raises:
        BackfillError: there is no such backfill, or it has ended.
    """
    row = _open(conn, pk)
    end(conn, pk, "cancelled", now)
    detail = {"backfill": pk, "before": {"outcome": None}, "after": {"outcome": "cancelled"}}
    events.record(conn, "backfill.cancel", actor, at=now, dag_id=row.dag_id, detail=detail)


def _open(conn: Connection, pk: int) -> Row[*tuple[Any, ...]]:
    row = queries.one(conn, pk)
    if row.completed_at is not None:
        raise BackfillError(f"backfill {pk} has ended: {row.outcome}")
    return row


def end(conn: Connection, pk: int, how: str, now: datetime) -> None:
    """Mark a backfill as ended; its runs are like all others from now on."""
    conn.execute(
        update(backfill)
        .where(backfill.c.id == pk, backfill.c.completed_at.is_(None))
        .values(completed_at=now, outcome=how)
    )
