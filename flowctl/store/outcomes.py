"""The runner's writes: attempts that started and ended, guarded, in the caller's transaction.

Each names the try that it is about. A late word of an older try, or about a task instance that
somebody cleared or ended meanwhile, changes nothing of the instance and is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, text, update

from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core.attempt import Ended
from flowctl.core.states import CONTINUED, LIVE, TaskState
from flowctl.store import assets, callbacks, deferrals, revision
from flowctl.store.assets import Update
from flowctl.store.prepared import Prepared
from flowctl.store.schema import Moment, task_instance, task_try
from flowctl.store.together import Answer, Batch, together


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt has a process; `at` is when it began, or the try that it continues."""

    run_pk: int
    ti_id: int
    try_number: int
    pid: int
    at: datetime
    log_path: str  # relative to the log folder
    host: str = ""


@dataclass(slots=True)
class Recorded:
    """What was written: `revisions` by run, and what moved beside the attempts themselves."""

    revisions: dict[int, int]
    skipped: dict[int, list[int]] = field(default_factory=dict)
    """By run, the task instances that were skipped since a task decided against them."""
    surprises: set[int] = field(default_factory=set)
    """Runs in which somebody changed attempts meanwhile: whoever keeps them must read them anew."""


_INSTANCE = (
    task_instance.c.id == bindparam("ti"),
    task_instance.c.try_number == bindparam("try"),
)
_TRY = (task_try.c.ti_id == bindparam("ti"), task_try.c.try_number == bindparam("try"))

_RUNNING = Prepared(
    update(task_instance)
    .where(
        *_INSTANCE,
        task_instance.c.state == TaskState.QUEUED.value,
    )
    .values(
        state=TaskState.RUNNING.value,
        start_date=bindparam("at"),
        pid=bindparam("p"),
        host=bindparam("h"),
        revision=revision.OF_ITS_RUN,
    )
)
_TRY_RUNNING = Prepared(
    update(task_try)
    .where(
        *_TRY,
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
_ENDED = Prepared(
    update(task_instance)
    .where(
        *_INSTANCE,
        or_(
            *(task_instance.c.state == state.value for state in LIVE)
        ),  # IN cannot be executed for many
    )
    .values(
        state=bindparam("new"),
        start_date=bindparam("start"),
        end_date=bindparam("end"),
        retry_at=bindparam("again"),
        reason=bindparam("why"),
        waiting_since=bindparam("since"),
        next_method=bindparam("method"),
        branch=bindparam("decided"),
        pid=bindparam("p"),
        host=bindparam("h"),
        rendered=bindparam("fields"),
        rendered_map_index=bindparam("called"),
        revision=revision.OF_ITS_RUN,
    )
)
_TRY_ENDED = Prepared(
    update(task_try)
    .where(
        *_TRY,
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
        cpu_s=func.coalesce(task_try.c.cpu_s, 0) + bindparam("cpu"),  # of all its starts
        log_path=bindparam("log"),
    )
)
_RESTARTED = Prepared(
    update(task_instance)
    .where(
        *_INSTANCE,
        task_instance.c.state == TaskState.RESTARTING.value,
    )
    .values(
        state=TaskState.NONE.value,
        waiting_since=None,
        next_method=None,
        pid=None,
        revision=revision.OF_ITS_RUN,
    )
)

_XCOM = Prepared(
    text(
        "INSERT INTO xcom (ti_id, key, value, length, created_at)"
        " VALUES (:ti, :key, :value, :length, :now)"
        " ON CONFLICT (ti_id, key) DO UPDATE"
        " SET value = excluded.value, length = excluded.length, created_at = excluded.created_at"
    ).bindparams(bindparam("now", type_=Moment()))
)


def record(
    conn: Connection,
    started: Sequence[Started],
    ended: Sequence[Ended],
    now: datetime,
) -> Recorded:
    """Write that attempts started and ended."""
    runs = {s.run_pk for s in started} | {e.run_pk for e in ended}
    begun = [_begun_row(entry) for entry in started]
    over = [_ended_row(entry) for entry in ended]
    with together(conn) as batch:
        raised = revision.ask(batch, runs, now)
        running = _move(batch, begun, _RUNNING, _TRY_RUNNING)
        finished = _move(batch, over, _ENDED, _TRY_ENDED)
    recorded = Recorded(revision.told(raised))
    if running is not None and running.rowcount != len(started):
        recorded.surprises |= {s.run_pk for s in started}
    if finished is not None:
        moved = ended
        if finished.rowcount != len(ended):
            recorded.surprises |= {e.run_pk for e in ended}
            moved = _moved(conn, ended, over, recorded.revisions)
        _record_data(conn, moved, now)
        _record_skips(conn, moved, recorded, now)
        assets.record(
            conn, [Update(said, e.outcome.ti_id) for e in moved for said in e.outcome.assets], now
        )
    return recorded


class Superseded(Exception):
    """Somebody cleared or ended a task instance meanwhile, or its outcome was recorded before."""


def ask(batch: Batch, ended: Sequence[Ended], now: datetime) -> Answer | None:
    """Write what plain attempts left, together with other statements; `require` must follow.

    The revisions of their runs are to be raised before, in the same transaction.
    """
    finished = _move(batch, [_ended_row(entry) for entry in ended], _ENDED, _TRY_ENDED)
    rows = _xcom_rows(ended, now)
    if rows:
        batch.run(_XCOM, rows)
    return finished


def require(finished: Answer | None, ended: Sequence[Ended]) -> None:
    """Make sure that all moved that were asked for.

    Raises:
        Superseded: not all did, and the transaction must not last.
    """
    if finished is not None and finished.rowcount != len(ended):
        raise Superseded


def _move(
    batch: Batch, rows: list[dict[str, Any]], instance: Prepared, its_try: Prepared
) -> Answer | None:
    if not rows:
        return None
    batch.run(its_try, rows)
    return batch.run(instance, rows)


def _moved(
    conn: Connection,
    ended: Sequence[Ended],
    rows: list[dict[str, Any]],
    revisions: Mapping[int, int],
) -> Sequence[Ended]:
    """Return those of `ended` whose task instance moved.

    The others were cleared, ended by hand, deleted or recorded before: what they leave is dropped.
    """
    raised = {e.outcome.ti_id: revisions.get(e.run_pk, 0) for e in ended}
    moved = revision.stamped(conn, raised)
    _RESTARTED.run(conn, rows)
    return [e for e in ended if moved.get(e.outcome.ti_id) == e.outcome.try_number]


def _begun_row(entry: Started) -> dict[str, Any]:
    return {
        "ti": entry.ti_id,
        "try": entry.try_number,
        "at": entry.at,
        "p": entry.pid,
        "h": entry.host,
        "log": entry.log_path,
    }


def _ended_row(entry: Ended) -> dict[str, Any]:
    outcome = entry.outcome
    return {
        "ti": outcome.ti_id,
        "try": outcome.try_number,
        "new": outcome.state.value,
        "start": outcome.waiting_since or outcome.started_at,
        "end": outcome.ended_at,
        "again": outcome.retry_at,
        "since": outcome.waiting_since if outcome.state in CONTINUED else None,
        "method": outcome.deferral.method if outcome.deferral else None,
        "why": outcome.reason or None,
        "decided": outcome.branch,
        "fields": outcome.rendered,
        "called": outcome.rendered_map_index,
        "p": outcome.pid or None,
        "h": entry.host,
        "code": outcome.exit_code,
        "sig": outcome.signal,
        "rss": outcome.peak_rss_bytes,
        "cpu": outcome.cpu_s,
        "log": entry.log_path,
    }


def _record_data(conn: Connection, ended: Sequence[Ended], now: datetime) -> None:
    rows = _xcom_rows(ended, now)
    if rows:
        _XCOM.run(conn, rows)
    deferrals.put(
        conn,
        [
            (entry.outcome.ti_id, entry.outcome.try_number, entry.outcome.deferral)
            for entry in ended
            if entry.outcome.deferral is not None
        ],
        now,
    )
    for entry in ended:
        outcome = entry.outcome
        mail = callbacks.MAIL + outcome.mail if outcome.mail else ""
        for event in filter(None, (outcome.callback, mail)):
            callbacks.queue(
                conn,
                entry.run_pk,
                outcome.ti_id,
                outcome.try_number,
                event,
                outcome.reason,
                now,
            )


def _xcom_rows(ended: Sequence[Ended], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "ti": entry.outcome.ti_id,
            "key": key,
            "value": value,
            "length": entry.outcome.length if key == XCOM_RETURN_KEY else None,
            "now": now,
        }
        for entry in ended
        for key, value in entry.outcome.xcoms.items()
    ]


_DECIDER = select(task_instance.c.task_id, task_instance.c.map_index)


def _record_skips(
    conn: Connection, ended: Sequence[Ended], recorded: Recorded, now: datetime
) -> None:
    """Skip what tasks decided against, also where it does not come directly after them.

    What comes after a mapped instance asks its own index, when it is looked at.
    """
    for entry in ended:
        outcome = entry.outcome
        if not outcome.skip:
            continue
        decider = conn.execute(_DECIDER.where(task_instance.c.id == outcome.ti_id)).one()
        if decider.map_index >= 0:
            continue
        skipped = conn.execute(
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
                reason=f"skipped by {decider.task_id}",
                revision=recorded.revisions[entry.run_pk],
            )
            .returning(task_instance.c.id)
        )
        recorded.skipped.setdefault(entry.run_pk, []).extend(skipped.scalars())
