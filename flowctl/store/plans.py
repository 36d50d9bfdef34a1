"""The scheduler's writes: a whole plan, guarded, in the caller's transaction.

Each move names the state that it leaves. A row that somebody else changed meanwhile is left alone
and its run reported, so that it is read again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from flowctl.core.attempt import Ended
from flowctl.core.dag import Dag
from flowctl.core.plan import Expansion, NewRun, Plan, RunMove
from flowctl.core.states import RunState, TaskState
from flowctl.core.timetables import Due
from flowctl.core.world import World
from flowctl.store import (
    assets,
    backfill_runs,
    backfills,
    expansions,
    holds,
    lease,
    outcomes,
    passing,
    revision,
    run_moves,
    runs,
    streaks,
    task_moves,
)
from flowctl.store.applied import Applied
from flowctl.store.crypto import Cipher
from flowctl.store.schema import dag
from flowctl.store.together import together


def apply(
    conn: Connection,
    plan: Plan,
    world: World,
    term: int,
    now: datetime,
    *,
    place: str = "",
    cipher: Cipher | None = None,
    ended: Sequence[Ended] = (),
) -> Applied:
    """Write a plan, and the outcomes that it follows from where they are not written yet.

    Args:
        term: the leader's, checked in the same transaction.
        place: where the attempts are kept that this plan starts; see `places`.
        cipher: the keys to what triggers are made of, where a plan has tries that begin deferred.
        ended: plain outcomes; see `runner.facts.is_plain`.

    Raises:
        Deposed: another scheduler leads.
        Superseded: one of the outcomes does not count any more, and neither does the plan.
    """
    applied = Applied()
    touched = {move.run_pk for moves in (plan.moves, plan.run_moves) for move in moves}
    touched |= {one.run_pk for asked in (plan.expansions, plan.releases) for one in asked}
    touched |= {entry.run_pk for entry in ended}
    with together(conn) as batch:
        held = lease.ask(batch, term)
        raised = revision.ask(batch, touched, now)
        finished = outcomes.ask(batch, ended, now)
        groups = task_moves.ask(batch, plan.moves, {"term": term, "now": now, "at": place or None})
    lease.require(held, term)
    outcomes.require(finished, ended)
    applied.revisions = revision.told(raised)
    applied.surprises |= holds.release_due(conn, plan.releases, now)
    for answer, moves in groups:
        task_moves.note(conn, answer, moves, applied)
    deferred = [move for move in plan.moves if move.new is TaskState.DEFERRED]
    if deferred:
        assert cipher is not None
        task_moves.begin_deferred(conn, deferred, world, applied, cipher, now)
    run_moves.apply(conn, plan.run_moves, world, applied, now)
    _expand(conn, plan.expansions, world, applied, now)
    applied.paused = streaks.pause_failing(conn, _failure_limits(plan.run_moves, world), now)
    passing.note(conn, plan.passed, now)
    for new in plan.new_runs:
        pk = _create(conn, new, world.dags[new.dag_id], now)
        if pk is not None:
            applied.new_runs.append(pk)
    _fill(conn, plan, world, applied, now)
    for dag_id in plan.asset_runs:
        pk = assets.take(conn, world.dags[dag_id], now)
        if pk is not None:
            applied.new_runs.append(pk)
    _write_due(conn, plan.next_due)
    return applied


def _expand(
    conn: Connection,
    wanted: Sequence[Expansion],
    world: World,
    applied: Applied,
    now: datetime,
) -> None:
    for expansion in wanted:
        run_pk = expansion.run_pk
        raised = applied.revisions.get(run_pk)
        ids = raised and expansions.apply(conn, world.runs[run_pk], expansion, raised, now)
        if ids:
            applied.expanded.append((expansion, ids))
        else:
            applied.surprises.add(run_pk)


def _failure_limits(moves: Sequence[RunMove], world: World) -> dict[str, int]:
    """Return, by DAG, after how many failures it is paused, for those of which a run failed now."""
    failed = {world.runs[move.run_pk].dag_id for move in moves if move.new is RunState.FAILED}
    specs = {dag_id: world.dags[dag_id].graph.spec for dag_id in failed if dag_id in world.dags}
    limits = {dag_id: spec.max_consecutive_failed_dag_runs for dag_id, spec in specs.items()}
    return {dag_id: limit for dag_id, limit in limits.items() if limit}


def _fill(conn: Connection, plan: Plan, world: World, applied: Applied, now: datetime) -> None:
    for backfill_id, key in plan.backfill_runs:
        pk = backfill_runs.make(conn, key, world.dags[world.backfills[backfill_id].dag_id], now)
        if pk is not None:
            applied.new_runs.append(pk)
    for backfill_id, how in plan.backfill_ends:
        backfills.end(conn, backfill_id, how, now)


def _create(conn: Connection, new: NewRun, owner: Dag, now: datetime) -> int | None:
    """Make a scheduled run; a backfill may have made the run of that date before."""
    if runs.is_filled(conn, new.dag_id, new.due.logical_date):
        return None
    return runs.create(
        conn,
        graph=owner.graph,
        version_pk=owner.version_pk,
        run_id=new.run_id,
        run_type=new.run_type,
        logical_date=new.due.logical_date,
        interval=(new.due.interval_start, new.due.interval_end),
        now=now,
        in_steps=True,
    )


def _write_due(conn: Connection, next_due: Mapping[str, Due | None]) -> None:
    if not next_due:
        return
    conn.execute(
        update(dag)
        .where(dag.c.dag_id == bindparam("of"))
        .values(
            next_logical_date=bindparam("logical"),
            next_interval_start=bindparam("start"),
            next_interval_end=bindparam("end"),
            next_run_after=bindparam("after"),
        ),
        [
            {
                "of": dag_id,
                "logical": due.logical_date if due else None,
                "start": due.interval_start if due else None,
                "end": due.interval_end if due else None,
                "after": due.run_after if due else None,
            }
            for dag_id, due in next_due.items()
        ],
    )
