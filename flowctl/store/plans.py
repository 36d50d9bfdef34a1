"""The scheduler's writes: a whole plan, guarded, in the caller's transaction.

Each move names the state that it leaves. A row that somebody else changed meanwhile is left alone
and its run reported, so that it is read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from flowctl.core.dag import Dag
from flowctl.core.plan import Expansion, Move, NewRun, Plan, RunMove
from flowctl.core.states import FINISHED, RunState, TaskState
from flowctl.core.timetables import Due
from flowctl.core.world import World
from flowctl.store import (
    assets,
    backfills,
    callbacks,
    deferrals,
    expansions,
    holds,
    lease,
    passing,
    revision,
    runs,
    streaks,
)
from flowctl.store.crypto import Cipher
from flowctl.store.prepared import Prepared
from flowctl.store.schema import dag, dag_run, task_instance, task_try, xcom
from flowctl.store.together import Answer, Batch, together


@dataclass(slots=True)
class Applied:
    """What a plan became: `revisions` by run, and the runs whose rows did not all move."""

    revisions: dict[int, int] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)  # ids of task instances
    surprises: set[int] = field(default_factory=set)  # runs to be read again
    new_runs: list[int] = field(default_factory=list)
    paused: set[str] = field(default_factory=set)  # DAGs that failed too often
    expanded: list[tuple[Expansion, Sequence[int]]] = field(default_factory=list)
    """With the ids of all instances of the task, in the order of their indexes."""


def apply(
    conn: Connection,
    plan: Plan,
    world: World,
    term: int,
    now: datetime,
    *,
    place: str = "",
    cipher: Cipher | None = None,
) -> Applied:
    """Write a plan.

    Args:
        term: the leader's, checked in the same transaction.
        place: where the attempts are kept that this plan starts; see `places`.
        cipher: the keys to what triggers are made of, where a plan has tries that begin deferred.

    Raises:
        Deposed: another scheduler leads.
    """
    applied = Applied()
    touched = {move.run_pk for moves in (plan.moves, plan.run_moves) for move in moves}
    touched |= {one.run_pk for asked in (plan.expansions, plan.releases) for one in asked}
    with together(conn) as batch:
        held = lease.ask(batch, term)
        raised = revision.ask(batch, touched, now)
        groups = _ask_moves(batch, plan.moves, {"term": term, "now": now, "at": place or None})
    lease.require(held, term)
    applied.revisions = revision.told(raised)
    applied.surprises |= holds.release_due(conn, plan.releases, now)
    for answer, moves in groups:
        _note_moves(conn, answer, moves, applied)
    deferred = [move for move in plan.moves if move.new is TaskState.DEFERRED]
    if deferred:
        assert cipher is not None
        _apply_deferrals(conn, deferred, world, applied, cipher, now)
    _apply_run_moves(conn, plan.run_moves, world, applied, now)
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


_TO_QUEUED = Prepared(
    update(task_instance)
    .where(task_instance.c.id == bindparam("ti"), task_instance.c.state == bindparam("old"))
    .values(
        state=TaskState.QUEUED.value,
        try_number=bindparam("try"),
        max_tries=task_instance.c.max_tries + bindparam("resumes"),
        resumed=task_instance.c.resumed + bindparam("resumes"),
        queued_at=bindparam("now"),
        start_date=case((bindparam("resumes") == 1, task_instance.c.start_date)),
        end_date=None,
        retry_at=None,
        reason=None,
        branch=None,
        pid=None,
        revision=revision.OF_ITS_RUN,
    )
)
_TO_WAITING = Prepared(
    update(task_instance)
    .where(task_instance.c.id == bindparam("ti"), task_instance.c.state == bindparam("old"))
    .values(state=bindparam("new"), reason=bindparam("why"), revision=revision.OF_ITS_RUN)
)
_TO_END = Prepared(
    update(task_instance)
    .where(task_instance.c.id == bindparam("ti"), task_instance.c.state == bindparam("old"))
    .values(
        state=bindparam("new"),
        try_number=bindparam("try"),
        start_date=func.coalesce(task_instance.c.start_date, bindparam("now")),
        end_date=bindparam("now"),
        waiting_since=None,
        reason=bindparam("why"),
        revision=revision.OF_ITS_RUN,
    )
)


_QUEUED_NOW = select(
    task_instance.c.id,
    task_instance.c.try_number,
    literal_column(f"'{TaskState.QUEUED.value}'"),
    bindparam("term", type_=task_try.c.term.type),
    task_instance.c.queued_at,
    bindparam("at", type_=task_try.c.host.type),
    task_instance.c.resumed,
).where(
    task_instance.c.id == bindparam("ti"),
    task_instance.c.try_number == bindparam("try"),
    task_instance.c.state == TaskState.QUEUED.value,
    task_instance.c.revision == revision.OF_ITS_RUN,
)
"""A task instance that was queued by this transaction: nobody else can have stamped it."""
_OPEN_TRY = Prepared(
    insert(task_try)
    .inline()  # its key is not asked for
    .from_select(
        ["ti_id", "try_number", "state", "term", "queued_at", "host", "resumed"], _QUEUED_NOW
    )
)
_REOPEN_TRY = Prepared(
    update(task_try)
    .where(
        task_try.c.ti_id == bindparam("ti"),
        task_try.c.try_number == bindparam("try") - 1,
        _QUEUED_NOW.exists(),
    )
    .values(
        try_number=bindparam("try"),
        resumed=task_try.c.resumed + 1,
        state=TaskState.QUEUED.value,
        term=bindparam("term"),
        end_date=None,
        host=bindparam("at"),
        pid=None,
        exit_code=None,
        signal=None,
        reason=None,
    )
)


BEGUN = (TaskState.QUEUED, TaskState.DEFERRED)
"""States in which a plan begins or continues a try."""


def _ask_moves(
    batch: Batch, moves: Sequence[Move], common: dict[str, Any]
) -> Sequence[tuple[Answer, Sequence[Move]]]:
    starts = [move for move in moves if move.new is TaskState.QUEUED]
    ends = [move for move in moves if move.new in FINISHED]
    others = [move for move in moves if move.new not in FINISHED and move.new not in BEGUN]
    groups = ((_TO_QUEUED, starts), (_TO_END, ends), (_TO_WAITING, others))
    asked = [
        (batch.run(statement, [_row(move) | common for move in group]), group)
        for statement, group in groups
        if group
    ]
    for statement, resumes in ((_OPEN_TRY, False), (_REOPEN_TRY, True)):
        rows = [_row(move) | common for move in starts if move.resumes is resumes]
        if rows:
            batch.run(statement, rows)
    return asked


def _note_moves(conn: Connection, answer: Answer, moves: Sequence[Move], applied: Applied) -> None:
    """Note which rows really moved; only where not all did are they asked for."""
    moved = {move.ti_id for move in moves}
    if answer.rowcount != len(moved):
        raised = {move.ti_id: applied.revisions.get(move.run_pk, 0) for move in moves}
        moved = set(revision.stamped(conn, raised))
    applied.moved |= moved
    applied.surprises |= {move.run_pk for move in moves if move.ti_id not in moved}
    begun = [move for move in moves if move.new is TaskState.QUEUED and move.ti_id in moved]
    _forget_xcoms(conn, begun)


_BEGIN_DEFERRED = (
    update(task_instance)
    .where(task_instance.c.id == bindparam("ti"), task_instance.c.state == bindparam("old"))
    .values(
        state=TaskState.DEFERRED.value,
        try_number=bindparam("try"),
        queued_at=None,
        start_date=bindparam("now"),
        end_date=None,
        retry_at=bindparam("until"),
        waiting_since=bindparam("now"),
        next_method=bindparam("method"),
        reason=None,
        branch=None,
        pid=None,
        revision=revision.OF_ITS_RUN,
    )
)


def _apply_deferrals(
    conn: Connection,
    moves: Sequence[Move],
    world: World,
    applied: Applied,
    cipher: Cipher,
    now: datetime,
) -> None:
    """Begin tries without a process: each gets its row of `task_try` and its trigger."""
    triggers = {move.ti_id: world.by_id[move.ti_id].spec.start_trigger for move in moves}
    rows = [
        {
            **_row(move),
            "now": now,
            "until": move.until,
            "method": trigger.method if (trigger := triggers[move.ti_id]) else None,
        }
        for move in moves
    ]
    conn.execute(_BEGIN_DEFERRED, rows)
    raised = {move.ti_id: applied.revisions.get(move.run_pk, 0) for move in moves}
    moved = revision.stamped(conn, raised)
    begun = [move for move in moves if move.ti_id in moved]
    applied.moved |= moved.keys()
    applied.surprises |= {move.run_pk for move in moves if move.ti_id not in moved}
    _forget_xcoms(conn, begun)
    for move in begun:
        conn.execute(
            insert(task_try).values(
                ti_id=move.ti_id,
                try_number=move.try_number,
                resumed=world.by_id[move.ti_id].resumed,
                state=TaskState.DEFERRED.value,
                queued_at=now,
                start_date=now,
                end_date=now,
            )
        )
    deferrals.put(
        conn,
        [
            (move.ti_id, move.try_number, deferrals.sealed(cipher, trigger))
            for move in begun
            if (trigger := triggers[move.ti_id]) is not None
        ],
        now,
    )


def _row(move: Move) -> dict[str, Any]:
    return {
        "ti": move.ti_id,
        "old": move.old.value,
        "new": move.new.value,
        "try": move.try_number,
        "resumes": int(move.resumes),
        "why": move.reason or None,
    }


def _forget_xcoms(conn: Connection, starts: Sequence[Move]) -> None:
    """A new try begins with nothing; one that is continued keeps what it left."""
    again = [move.ti_id for move in starts if move.try_number > 1 and not move.resumes]
    if again:
        conn.execute(delete(xcom).where(xcom.c.ti_id.in_(again)))


_RUN_MOVES = (
    update(dag_run)
    .where(dag_run.c.id == bindparam("run"), dag_run.c.state == bindparam("old"))
    .values(state=bindparam("new"), reason=bindparam("why"))
)
_RUN_EVENTS = {
    RunState.QUEUED: "",
    RunState.RUNNING: "running",
    RunState.SUCCESS: "success",
    RunState.FAILED: "failure",
}
_RUN_STARTS = Prepared(_RUN_MOVES.values(start_date=bindparam("now"), end_date=None))
_RUN_GOES_ON = Prepared(_RUN_MOVES.values(updated_at=bindparam("now")))  # until its teardowns end
_RUN_ENDS = Prepared(_RUN_MOVES.values(end_date=bindparam("now"), **holds.RELEASED))


def _apply_run_moves(
    conn: Connection, moves: Sequence[RunMove], world: World, applied: Applied, now: datetime
) -> None:
    for move in moves:
        if move.new is not RunState.RUNNING and _was_changed(move.run_pk, world, applied):
            applied.surprises.add(move.run_pk)
            continue
        if move.new is move.old:
            statement = _RUN_GOES_ON
        else:
            statement = _RUN_STARTS if move.new is RunState.RUNNING else _RUN_ENDS
        row = {"run": move.run_pk, "old": move.old.value, "new": move.new.value, "now": now}
        if not statement.run(conn, [row | {"why": move.reason or None}]).rowcount:
            applied.surprises.add(move.run_pk)
        elif (event := _RUN_EVENTS[move.new]) in world.runs[move.run_pk].graph.spec.callbacks:
            callbacks.queue(conn, move.run_pk, None, 0, event, move.reason, now)


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


def _was_changed(run_pk: int, world: World, applied: Applied) -> bool:
    """Say whether somebody changed a run since it was looked at: then it may not have ended.

    A task of it may have been cleared, which leaves the run RUNNING, so its state does not tell.
    """
    return applied.revisions.get(run_pk) != world.runs[run_pk].revision + 1


def _failure_limits(moves: Sequence[RunMove], world: World) -> dict[str, int]:
    """Return, by DAG, after how many failures it is paused, for those of which a run failed now."""
    failed = {world.runs[move.run_pk].dag_id for move in moves if move.new is RunState.FAILED}
    specs = {dag_id: world.dags[dag_id].graph.spec for dag_id in failed if dag_id in world.dags}
    limits = {dag_id: spec.max_consecutive_failed_dag_runs for dag_id, spec in specs.items()}
    return {dag_id: limit for dag_id, limit in limits.items() if limit}


def _fill(conn: Connection, plan: Plan, world: World, applied: Applied, now: datetime) -> None:
    for backfill_id, key in plan.backfill_runs:
        pk = backfills.make(conn, key, world.dags[world.backfills[backfill_id].dag_id], now)
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
