"""Backfills as rows: made by a person, carried out by the scheduler.

A backfill is its row and one row of `backfill_run` for each date, in the order of making. The
scheduler reads the open ones (`read_open`), decides which dates come next (`core.tick`), and makes
their runs in the transaction that marks these rows as made: killed anywhere, it goes on where it
was. Its runs have limits of their own and run also while their DAG is paused. Pausing a backfill
makes no further runs; cancelling it, too, and what runs goes on to its end.

What becomes of a run that is there already, the column `existing` says; see `EXISTING`.

Source: Airflow 2.10's `dags backfill` and 3.3's `backfill create`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, and_, exists, func, insert, select, update

from flowctl.core.backfill import Backfill, BackfillError, Shape, dates, shaped
from flowctl.core.dag import Dag
from flowctl.core.graph import compile_graph
from flowctl.core.spec import DagSpec
from flowctl.core.states import RunState, RunType
from flowctl.core.timetables import Due
from flowctl.store import clears, confs, events, revision, runs
from flowctl.store.clears import Clear
from flowctl.store.crypto import Cipher
from flowctl.store.schema import backfill, backfill_run, dag_run

THERE = "already exists"
IN_FLIGHT = "in flight"


class Policy(NamedTuple):
    """What a backfill does with a run that is there."""

    takes: tuple[RunState, ...]  # in these states it becomes a run of the backfill
    clears: str = ""  # which of its tasks are cleared then: all, failed


ENDED = (RunState.SUCCESS, RunState.FAILED)
EXISTING: Mapping[str, Policy] = {
    # Airflow 3
    "none": Policy(()),
    "failed": Policy((RunState.FAILED,), "all"),
    "completed": Policy(ENDED, "all"),
    # Airflow 2: tasks that have not run yet run; with the options also those that failed, or all
    "resume": Policy((RunState.QUEUED, *ENDED)),
    "rerun_failed": Policy((RunState.QUEUED, *ENDED), "failed"),
    "reset": Policy((RunState.QUEUED, *ENDED), "all"),
}


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


# ------------------------------------------------------------------------- what a person does


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


def _open(conn: Connection, pk: int) -> Row[Any]:
    row = conn.execute(select(backfill).where(backfill.c.id == pk)).one_or_none()
    if row is None:
        raise BackfillError(f"there is no backfill {pk}; see flowctl backfill list")
    if row.completed_at is not None:
        raise BackfillError(f"backfill {pk} has ended: {row.outcome}")
    return row


# ------------------------------------------------------------------------- what the scheduler does


def read_open(conn: Connection) -> list[Backfill]:
    """Return the open backfills, each with the dates that come next."""
    rows = conn.execute(select(backfill).where(backfill.c.completed_at.is_(None))).all()
    return [_read(conn, row) for row in rows]  # one a DAG at most, and seldom any


def _read(conn: Connection, row: Row[Any]) -> Backfill:
    date = backfill_run.c
    waiting = conn.scalars(
        select(date.id)
        .where(date.backfill_id == row.id, date.made_at.is_(None))
        .order_by(date.ordinal)
        .limit(row.max_active_runs)
    )
    return Backfill(
        id=row.id,
        dag_id=row.dag_id,
        max_active_runs=row.max_active_runs,
        is_paused=row.is_paused,
        stops_on_failure=row.stops_on_failure,
        has_failed=_has_failed(conn, row.id),
        waiting=tuple(waiting),
    )


def _has_failed(conn: Connection, pk: int) -> bool:
    mine = and_(backfill_run.c.backfill_id == pk, backfill_run.c.dag_run_id == dag_run.c.id)
    failed = select(dag_run.c.id).join(backfill_run, mine)
    is_so = exists(failed.where(dag_run.c.state == RunState.FAILED.value))
    return bool(conn.scalar(select(is_so)))


def make(conn: Connection, key: int, owner: Dag, now: datetime) -> int | None:
    """Make, or take over, the run of one date.

    Returns:
        The key of the run; None when there is none, and the row of the date says why.
    """
    row = conn.execute(
        select(backfill_run, backfill)
        .join(backfill, backfill.c.id == backfill_run.c.backfill_id)
        .where(
            backfill_run.c.id == key,
            backfill_run.c.made_at.is_(None),
            backfill.c.completed_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    pk, reason = _run_of(conn, row, owner, now)
    if pk is not None:
        mine = {"backfill_id": row.backfill_id, "run_type": RunType.BACKFILL.value}
        conn.execute(update(dag_run).where(dag_run.c.id == pk).values(**mine))
    conn.execute(
        update(backfill_run)
        .where(backfill_run.c.id == key)
        .values(made_at=now, dag_run_id=pk, reason=reason)
    )
    return pk


def _run_of(
    conn: Connection, row: Row[Any], owner: Dag, now: datetime
) -> tuple[int | None, str | None]:
    same = and_(dag_run.c.dag_id == row.dag_id, dag_run.c.logical_date == row.logical_date)
    there = conn.execute(select(dag_run).where(same).order_by(dag_run.c.id.desc())).first()
    if there is not None:
        return _taken_over(conn, row, there, now)
    shape = msgspec.convert(row.shape, Shape)
    pk = runs.create(
        conn,
        graph=compile_graph(shaped(owner.graph.spec, shape)),
        version_pk=owner.version_pk,
        run_id=f"{RunType.BACKFILL}__{row.logical_date.isoformat()}",
        run_type=RunType.BACKFILL,
        logical_date=row.logical_date,
        interval=(row.interval_start, row.interval_end),
        now=now,
        conf=row.conf,
        in_steps=True,
    )
    return pk, None if pk is not None else "its run id is taken by a run of another date"


def _taken_over(
    conn: Connection, row: Row[Any], there: Row[Any], now: datetime
) -> tuple[int | None, str | None]:
    """Let a run that is there become one of the backfill, where `existing` wants that."""
    policy, state = EXISTING[row.existing], RunState(there.state)
    if state not in policy.takes:
        return None, THERE if state in ENDED else IN_FLIGHT
    revision.raise_for(conn, [there.id], now)
    values: dict[str, Any] = {} if row.conf is None else {"conf": row.conf}
    values |= {"queued_at": now, "start_date": None, "end_date": None, "reason": None}
    conn.execute(
        update(dag_run)
        .where(dag_run.c.id == there.id)
        .values(state=RunState.QUEUED.value, **values)
    )
    if policy.clears:
        tasks = msgspec.convert(row.shape, Shape).task_ids
        pattern = None if tasks is None else f"^({'|'.join(map(re.escape, tasks))})$"
        wanted = Clear(
            (row.dag_id,),
            pattern,
            run_ids=(there.run_id,),
            only_failed=policy.clears == "failed",
        )
        clears.clear(conn, wanted, row.actor, now, keep_version=row.keeps_version)
    return there.id, None


def end(conn: Connection, pk: int, how: str, now: datetime) -> None:
    """Mark a backfill as ended; its runs are like all others from now on."""
    conn.execute(
        update(backfill)
        .where(backfill.c.id == pk, backfill.c.completed_at.is_(None))
        .values(completed_at=now, outcome=how)
    )


# ------------------------------------------------------------------------- looking


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
