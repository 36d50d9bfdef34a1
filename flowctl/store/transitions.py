"""Every change of state of a run or a task instance, as guarded writes in the caller's transaction.

Two writers move task instances: the scheduler (`apply`, a whole plan) and the runner (`record`, a
group of outcomes). Each write names the state, and for an attempt the try, that it leaves; a row
that somebody else changed meanwhile is left alone and reported. Rows of `dag_run` are locked first,
in the order of their ids, so that two writers never wait for each other in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from flowctl.core.attempt import Outcome
from flowctl.core.plan import Move, NewRun, Plan, RunMove
from flowctl.core.states import FINISHED, RunState, TaskState
from flowctl.core.timetables import Due
from flowctl.core.world import Dag, World
from flowctl.store import runs, streaks
from flowctl.store.batches import batches
from flowctl.store.schema import callback, dag, dag_run, task_instance, task_try, xcom

LIVE = (TaskState.QUEUED.value, TaskState.RUNNING.value)


@dataclass(slots=True)
class Applied:
    """What a plan became: `revisions` by run, and the runs whose rows did not all move."""

    revisions: dict[int, int] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)  # ids of task instances
    surprises: set[int] = field(default_factory=set)  # runs to be read again
    new_runs: list[int] = field(default_factory=list)
    paused: set[str] = field(default_factory=set)  # DAGs that failed too often


# ---------------------------------------------------------------------------- the scheduler


def apply(
    conn: Connection, plan: Plan, world: World, term: int, now: datetime, *, place: str = ""
) -> Applied:
    """Write a plan.

    The caller has checked in the same transaction that `term` is the leader's.

    Args:
        place: where the attempts are kept that this plan starts; see `places`.
    """
    applied = Applied()
    touched = {move.run_pk for move in plan.moves} | {move.run_pk for move in plan.run_moves}
    applied.revisions = raise_revisions(conn, touched, now)
    _apply_moves(conn, plan.moves, applied, term, now, place)
    _apply_run_moves(conn, plan.run_moves, world, applied, now)
    applied.paused = streaks.pause_failing(conn, _failure_limits(plan.run_moves, world), now)
    for new in plan.new_runs:
        pk = _create(conn, new, world.dags[new.dag_id], now)
        if pk is not None:
            applied.new_runs.append(pk)
    _write_due(conn, plan.next_due)
    return applied


def raise_revisions(conn: Connection, run_pks: Iterable[int], now: datetime) -> dict[int, int]:
    """Raise the revision of these runs, which locks them; return the new ones."""
    raised: dict[int, int] = {}
    for pks in batches(run_pks):
        if conn.dialect.name == "postgresql" and len(pks) > 1:
            conn.execute(
                select(dag_run.c.id).where(dag_run.c.id.in_(pks)).order_by("id").with_for_update()
            )
        rows = conn.execute(
            update(dag_run)
            .where(dag_run.c.id.in_(pks))
            .values(revision=dag_run.c.revision + 1, updated_at=now)
            .returning(dag_run.c.id, dag_run.c.revision)
        )
        raised |= dict(rows.all())
    return raised


_TO_QUEUED = (
    update(task_instance)
    .where(task_instance.c.id == bindparam("ti"), task_instance.c.state == bindparam("old"))
    .values(
        state=TaskState.QUEUED.value,
        try_number=bindparam("try"),
        queued_at=bindparam("now"),
        start_date=None,
        end_date=None,
        retry_at=None,
        reason=None,
        branch=None,
        pid=None,
        revision=bindparam("rev"),
    )
)
_TO_WAITING = (
    update(task_instance)
    .where(task_instance.c.id == bindparam("ti"), task_instance.c.state == bindparam("old"))
    .values(state=bindparam("new"), reason=bindparam("why"), revision=bindparam("rev"))
)
_TO_END = (
    update(task_instance)
    .where(task_instance.c.id == bindparam("ti"), task_instance.c.state == bindparam("old"))
    .values(
        state=bindparam("new"),
        try_number=bindparam("try"),
        start_date=func.coalesce(task_instance.c.start_date, bindparam("now")),
        end_date=bindparam("now"),
        reason=bindparam("why"),
        revision=bindparam("rev"),
    )
)


def _apply_moves(
    conn: Connection,
    moves: Sequence[Move],
    applied: Applied,
    term: int,
    now: datetime,
    place: str,
) -> None:
    starts = [move for move in moves if move.new is TaskState.QUEUED]
    ends = [move for move in moves if move.new in FINISHED]
    others = [move for move in moves if move.new not in FINISHED and move.new != TaskState.QUEUED]
    revisions = applied.revisions
    _move(
        conn,
        _TO_QUEUED,
        [_guard(move, revisions) | {"try": move.try_number, "now": now} for move in starts],
        applied,
    )
    _move(
        conn,
        _TO_END,
        [
            _guard(move, revisions)
            | {"new": move.new.value, "try": move.try_number}
            | {"why": move.reason or None, "now": now}
            for move in ends
        ],
        applied,
    )
    _move(
        conn,
        _TO_WAITING,
        [
            _guard(move, revisions) | {"new": move.new.value, "why": move.reason or None}
            for move in others
        ],
        applied,
    )
    _open_tries(conn, [move for move in starts if move.ti_id in applied.moved], term, now, place)
    applied.surprises |= {move.run_pk for move in moves if move.ti_id not in applied.moved}


def _guard(move: Move, revisions: Mapping[int, int]) -> dict[str, Any]:
    return {"ti": move.ti_id, "old": move.old.value, "rev": revisions.get(move.run_pk, 0)}


def _move(conn: Connection, statement: Any, rows: list[dict[str, Any]], applied: Applied) -> None:
    """Run one guarded update for many rows; where not all moved, ask which did."""
    if not rows:
        return
    moved = conn.execute(statement, rows).rowcount
    ids = {row["ti"] for row in rows}
    if moved != len(ids):
        ids = set(_stamped(conn, {row["ti"]: row["rev"] for row in rows}))
    applied.moved |= ids


def _stamped(conn: Connection, revisions: Mapping[int, int]) -> dict[int, int]:
    """Return the rows that bear these revisions, with their try numbers."""
    columns = task_instance.c
    wanted = select(columns.id, columns.revision, columns.try_number)
    return {
        ti_id: try_number
        for ids in batches(revisions)
        for ti_id, revision, try_number in conn.execute(wanted.where(columns.id.in_(ids)))
        if revisions[ti_id] == revision
    }


def _open_tries(
    conn: Connection, starts: Sequence[Move], term: int, now: datetime, place: str
) -> None:
    if not starts:
        return
    again = [move.ti_id for move in starts if move.try_number > 1]
    if again:
        conn.execute(delete(xcom).where(xcom.c.ti_id.in_(again)))
    conn.execute(
        insert(task_try),
        [
            {
                "ti_id": move.ti_id,
                "try_number": move.try_number,
                "state": TaskState.QUEUED.value,
                "term": term,
                "queued_at": now,
                "host": place or None,
            }
            for move in starts
        ],
    )


def _apply_run_moves(
    conn: Connection, moves: Sequence[RunMove], world: World, applied: Applied, now: datetime
) -> None:
    for move in moves:
        values: dict[str, Any] = {"state": move.new.value, "reason": move.reason or None}
        if move.new is RunState.RUNNING:
            values |= {"start_date": now, "end_date": None}
        else:
            values |= {"end_date": now}
        changed = conn.execute(
            update(dag_run)
            .where(dag_run.c.id == move.run_pk, dag_run.c.state == move.old.value)
            .values(values)
        )
        if not changed.rowcount:
            applied.surprises.add(move.run_pk)
        elif move.new.value in world.runs[move.run_pk].graph.spec.callbacks:
            queue_callback(conn, move.run_pk, None, 0, move.new.value, move.reason, now)


def _failure_limits(moves: Sequence[RunMove], world: World) -> dict[str, int]:
    """Return, by DAG, after how many failures it is paused, for those of which a run failed now."""
    failed = {world.runs[move.run_pk].dag_id for move in moves if move.new is RunState.FAILED}
    specs = {dag_id: world.dags[dag_id].graph.spec for dag_id in failed if dag_id in world.dags}
    limits = {dag_id: spec.max_consecutive_failed_dag_runs for dag_id, spec in specs.items()}
    return {dag_id: limit for dag_id, limit in limits.items() if limit}


def queue_callback(
    conn: Connection,
    run_pk: int,
    ti_id: int | None,
    try_number: int,
    event: str,
    reason: str,
    now: datetime,
) -> None:
    """Leave word that a callback is due; the scheduler has it run in a process of its own."""
    conn.execute(
        insert(callback).values(
            dag_run_id=run_pk,
            ti_id=ti_id,
            try_number=try_number,
            event=event,
            reason=reason,
            created_at=now,
        )
    )


def _create(conn: Connection, new: NewRun, owner: Dag, now: datetime) -> int | None:
    return runs.create(
        conn,
        graph=owner.graph,
        version_pk=owner.version_pk,
        run_id=new.run_id,
        run_type=new.run_type,
        logical_date=new.due.logical_date,
        interval=(new.due.interval_start, new.due.interval_end),
        now=now,
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


# ---------------------------------------------------------------------------- the runner


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt has a process."""

    run_pk: int
    ti_id: int
    try_number: int
    pid: int
    at: datetime
    log_path: str  # relative to the log folder


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt has an outcome."""

    run_pk: int
    outcome: Outcome
    log_path: str  # relative to the log folder


_RUNNING = (
    update(task_instance)
    .where(
        task_instance.c.id == bindparam("ti"),
        task_instance.c.try_number == bindparam("try"),
        task_instance.c.state == TaskState.QUEUED.value,
    )
    .values(
        state=TaskState.RUNNING.value,
        start_date=bindparam("at"),
        pid=bindparam("p"),
        host=bindparam("h"),
        revision=bindparam("rev"),
    )
)
_TRY_RUNNING = (
    update(task_try)
    .where(
        task_try.c.ti_id == bindparam("ti"),
        task_try.c.try_number == bindparam("try"),
        task_try.c.state == TaskState.QUEUED.value,
    )
    .values(
        state=TaskState.RUNNING.value,
        start_date=bindparam("at"),
        pid=bindparam("p"),
        host=func.coalesce(task_try.c.host, bindparam("h")),  # who ordered it knows better
        log_path=bindparam("log"),
    )
)
_ENDED = (
    update(task_instance)
    .where(
        task_instance.c.id == bindparam("ti"),
        task_instance.c.try_number == bindparam("try"),
        or_(*(task_instance.c.state == state for state in LIVE)),  # IN cannot be executed for many
    )
    .values(
        state=bindparam("new"),
        start_date=bindparam("start"),
        end_date=bindparam("end"),
        retry_at=bindparam("again"),
        reason=bindparam("why"),
        branch=bindparam("decided"),
        pid=bindparam("p"),
        host=bindparam("h"),
        rendered=bindparam("fields"),
        revision=bindparam("rev"),
    )
)
_TRY_ENDED = (
    update(task_try)
    .where(
        task_try.c.ti_id == bindparam("ti"),
        task_try.c.try_number == bindparam("try"),
        task_try.c.end_date.is_(None),
    )
    .values(
        state=bindparam("new"),
        start_date=bindparam("start"),
        end_date=bindparam("end"),
        reason=bindparam("why"),
        pid=bindparam("p"),
        host=func.coalesce(task_try.c.host, bindparam("h")),  # who ordered it knows better
        exit_code=bindparam("code"),
        signal=bindparam("sig"),
        peak_rss_bytes=bindparam("rss"),
        cpu_s=bindparam("cpu"),
        log_path=bindparam("log"),
    )
)
_RESTARTED = (
    update(task_instance)
    .where(
        task_instance.c.id == bindparam("ti"),
        task_instance.c.try_number == bindparam("try"),
        task_instance.c.state == TaskState.RESTARTING.value,
    )
    .values(state=TaskState.NONE.value, pid=None, revision=bindparam("rev"))
)


def record(
    conn: Connection,
    started: Sequence[Started],
    ended: Sequence[Ended],
    host: str,
    now: datetime,
) -> tuple[dict[int, int], set[int]]:
    """Write that attempts started and ended.

    Returns:
        The new revision of each run, and the runs in which more moved than these task instances
        (or fewer, because somebody changed them meanwhile): whoever keeps them must read them anew.
    """
    revisions = raise_revisions(conn, {s.run_pk for s in started} | {e.run_pk for e in ended}, now)
    surprises: set[int] = set()
    if started:
        _record_started(conn, started, revisions, surprises, host)
    if ended:
        moved = _record_ended(conn, ended, revisions, surprises, host)
        _record_data(conn, moved, now)
        _record_skips(conn, moved, revisions, surprises, now)
    return revisions, surprises


def _record_started(
    conn: Connection,
    started: Sequence[Started],
    revisions: Mapping[int, int],
    surprises: set[int],
    host: str,
) -> None:
    rows = [
        {"ti": s.ti_id, "try": s.try_number, "at": s.at, "p": s.pid, "h": host} for s in started
    ]
    moved = conn.execute(
        _RUNNING,
        [row | {"rev": revisions.get(s.run_pk, 0)} for row, s in zip(rows, started, strict=True)],
    ).rowcount
    conn.execute(
        _TRY_RUNNING,
        [row | {"log": s.log_path} for row, s in zip(rows, started, strict=True)],
    )
    if moved != len(rows):
        surprises |= {s.run_pk for s in started}


def _record_ended(
    conn: Connection,
    ended: Sequence[Ended],
    revisions: Mapping[int, int],
    surprises: set[int],
    host: str,
) -> Sequence[Ended]:
    """Write how attempts ended; return those whose task instance moved.

    The others were cleared, ended by hand, deleted or recorded before: what they leave is dropped.
    """
    shared, instances, tries = ("ti", "try", "new", "start", "end", "why", "p", "h"), [], []
    for entry in ended:
        outcome = entry.outcome
        row: dict[str, Any] = {
            "ti": outcome.ti_id,
            "try": outcome.try_number,
            "new": outcome.state.value,
            "start": outcome.started_at,
            "end": outcome.ended_at,
            "why": outcome.reason or None,
            "p": outcome.pid or None,
            "h": host,
        }
        instances.append(
            {key: row[key] for key in shared}
            | {
                "again": outcome.retry_at,
                "decided": outcome.branch,
                "fields": outcome.rendered,
                "rev": revisions.get(entry.run_pk, 0),
            }
        )
        tries.append(
            row
            | {
                "code": outcome.exit_code,
                "sig": outcome.signal,
                "rss": outcome.peak_rss_bytes,
                "cpu": outcome.cpu_s,
                "log": entry.log_path,
            }
        )
    conn.execute(_TRY_ENDED, tries)
    if conn.execute(_ENDED, instances).rowcount == len(instances):
        return ended
    surprises |= {entry.run_pk for entry in ended}
    moved = _stamped(conn, {row["ti"]: row["rev"] for row in instances})
    restarted = [{key: row[key] for key in ("ti", "try", "rev")} for row in instances]
    conn.execute(_RESTARTED, restarted)
    return [e for e in ended if moved.get(e.outcome.ti_id) == e.outcome.try_number]


def _record_data(conn: Connection, ended: Sequence[Ended], now: datetime) -> None:
    rows = [
        {"ti_id": entry.outcome.ti_id, "key": key, "value": value, "created_at": now}
        for entry in ended
        for key, value in entry.outcome.xcoms.items()
    ]
    for row in rows:
        conn.execute(delete(xcom).where(xcom.c.ti_id == row["ti_id"], xcom.c.key == row["key"]))
    if rows:
        conn.execute(insert(xcom), rows)
    for entry in ended:
        outcome = entry.outcome
        if outcome.callback:
            queue_callback(
                conn,
                entry.run_pk,
                outcome.ti_id,
                outcome.try_number,
                outcome.callback,
                outcome.reason,
                now,
            )


def _record_skips(
    conn: Connection,
    ended: Sequence[Ended],
    revisions: Mapping[int, int],
    surprises: set[int],
    now: datetime,
) -> None:
    for entry in ended:
        outcome = entry.outcome
        if outcome.branch is not None:
            surprises.add(entry.run_pk)
        if not outcome.skip:
            continue
        surprises.add(entry.run_pk)
        decider = (
            select(task_instance.c.task_id).where(task_instance.c.id == outcome.ti_id)
        ).scalar_subquery()
        conn.execute(
            update(task_instance)
            .where(
                task_instance.c.dag_run_id == entry.run_pk,
                task_instance.c.task_id.in_(outcome.skip),
                task_instance.c.state.in_((TaskState.NONE.value, TaskState.SCHEDULED.value)),
            )
            .values(
                state=TaskState.SKIPPED.value,
                start_date=now,
                end_date=now,
                reason="skipped by " + decider,
                revision=revisions[entry.run_pk],
            )
        )


def callbacks_started(conn: Connection, pks: Sequence[int]) -> None:
    """Count that a process is about to be started for these callbacks."""
    conn.execute(
        update(callback).where(callback.c.id.in_(pks)).values(started=callback.c.started + 1)
    )


def callbacks_ran(conn: Connection, pks: Sequence[int]) -> None:
    """Forget callbacks that ran to their end."""
    if pks:
        conn.execute(delete(callback).where(callback.c.id.in_(pks)))
