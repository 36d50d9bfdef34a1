"""The moves of task instances that a plan asks for, and the tries that they begin or continue."""

from collections.abc import Sequence
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

from flowctl.core.plan import Move
from flowctl.core.states import FINISHED, TaskState
from flowctl.core.world import World
from flowctl.store import deferrals, revision
from flowctl.store.applied import Applied
from flowctl.store.crypto import Cipher
from flowctl.store.prepared import Prepared
from flowctl.store.schema import task_instance, task_try, xcom
from flowctl.store.together import Answer, Batch

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


def ask(
    batch: Batch, moves: Sequence[Move], common: dict[str, Any]
) -> Sequence[tuple[Answer, Sequence[Move]]]:
    """Ask for these moves, except those to DEFERRED; return what answers for which of them.

    Args:
        common: `term`, `now`, and `at`, where the attempts are kept.
    """
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


def note(conn: Connection, answer: Answer, moves: Sequence[Move], applied: Applied) -> None:
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


def begin_deferred(
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
