"""The moves of runs that a plan asks for."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from flowctl.core.plan import RunMove
from flowctl.core.states import RunState
from flowctl.core.world import World
from flowctl.store import callbacks, holds
from flowctl.store.applied import Applied
from flowctl.store.prepared import Prepared
from flowctl.store.schema import dag_run

_MOVES = (
    update(dag_run)
    .where(dag_run.c.id == bindparam("run"), dag_run.c.state == bindparam("old"))
    .values(state=bindparam("new"), reason=bindparam("why"))
)
_EVENTS = {
    RunState.QUEUED: "",
    RunState.RUNNING: "running",
    RunState.SUCCESS: "success",
    RunState.FAILED: "failure",
}
_STARTS = Prepared(_MOVES.values(start_date=bindparam("now"), end_date=None))
_GOES_ON = Prepared(_MOVES.values(updated_at=bindparam("now")))  # until its teardowns end
_WAITS = Prepared(_MOVES)  # for a place, once more
_ENDS = Prepared(_MOVES.values(end_date=bindparam("now"), **holds.RELEASED))

_MOVED = {RunState.RUNNING: _STARTS, RunState.QUEUED: _WAITS}


def apply(
    conn: Connection, moves: Sequence[RunMove], world: World, applied: Applied, now: datetime
) -> None:
    """Move runs, and note in `applied` those that somebody else changed; queue their callbacks."""
    for move in moves:
        if move.new is not RunState.RUNNING and _was_changed(move.run_pk, world, applied):
            applied.surprises.add(move.run_pk)
            continue
        statement = _GOES_ON if move.new is move.old else _MOVED.get(move.new, _ENDS)
        row = {"run": move.run_pk, "old": move.old.value, "new": move.new.value, "now": now}
        if not statement.run(conn, [row | {"why": move.reason or None}]).rowcount:
            applied.surprises.add(move.run_pk)
        elif (event := _EVENTS[move.new]) in world.runs[move.run_pk].graph.spec.callbacks:
            callbacks.queue(conn, move.run_pk, None, 0, event, move.reason, now)


def _was_changed(run_pk: int, world: World, applied: Applied) -> bool:
    """Say whether somebody changed a run since it was looked at: then it may not have ended.

    A task of it may have been cleared, which leaves the run RUNNING, so its state does not tell.
    """
    return applied.revisions.get(run_pk) != world.runs[run_pk].revision + 1
