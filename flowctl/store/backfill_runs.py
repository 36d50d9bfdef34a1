"""How does the scheduler carry out a backfill? It makes, or takes over, a run for each date.

What becomes of a run that is there already, the column `existing` of the backfill says.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, and_, exists, select, update

from flowctl.core.backfill import Backfill, Shape, shaped
from flowctl.core.dag import Dag
from flowctl.core.graph import compile_graph
from flowctl.core.states import RunState, RunType
from flowctl.store import clears, revision, runs
from flowctl.store.clears import Clear
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
