"""The rows of tasks that are deferred: who runs their triggers, and what these brought.

A row belongs to one start of a task instance, `try_number`. It is *wanted* while that start is the
latest and the instance is DEFERRED: whoever clears or ends the task only has to change that. What a
trigger brings is written once, together with the move of the instance, and only while the row is
wanted. The arguments, which may hold secrets, are Fernet tokens.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, or_, select, update

from flowctl.authoring.ports import Resumption
from flowctl.core.deferral import Deferral
from flowctl.core.states import TaskState
from flowctl.store import revision
from flowctl.store.batches import batches
from flowctl.store.crypto import Cipher
from flowctl.store.schema import dag_run, dag_version, deferral, process, task_instance
from flowctl.store.upsert import insert_or_replace

METHOD = "arguments of a deferred task"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row, with what became of its task instance."""

    ti_id: int
    try_number: int
    holder: int | None  # the row of the triggerer in `process`
    is_wanted: bool  # its trigger is to be run
    is_over: bool  # nobody needs the row any more

    @property
    def key(self) -> tuple[int, int]:
        """Return what names the start that was deferred."""
        return (self.ti_id, self.try_number)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger as it is stored, and the task that it belongs to."""

    ti_id: int
    try_number: int
    classpath: str
    kwargs: str  # a token
    until: datetime | None
    instance: Any  # row of task instance, run, and version of the DAG


@dataclass(frozen=True, slots=True)
class Fired:
    """What a trigger brought: an event, or why there is none."""

    ti_id: int
    try_number: int
    event: str | None = None  # JSON text of the payload
    error: str | None = None
    traceback: str | None = None
    ends_as: TaskState | None = None  # the task ends with it: SUCCESS, FAILED or SKIPPED
    xcoms: Mapping[str, str] = field(default_factory=dict)  # key -> JSON text; with `ends_as`


def sealed(cipher: Cipher, plain: Deferral) -> Deferral:
    """Return a deferral as it is stored: its arguments are tokens.

    Raises:
        CipherError: there is no key.
    """
    return msgspec.structs.replace(
        plain,
        kwargs=cipher.encrypt(plain.kwargs),
        method_kwargs=cipher.encrypt(plain.method_kwargs),
    )


def put(conn: Connection, rows: Iterable[tuple[int, int, Deferral]], now: datetime) -> None:
    """Store sealed deferrals by task instance and try number, in place of older ones."""
    fresh = dict.fromkeys(("holder", "event", "error", "traceback", "fired_at", "trouble"))
    found = [
        {
            "ti_id": ti_id,
            "try_number": try_number,
            "classpath": one.classpath,
            "kwargs": one.kwargs,
            "method_kwargs": one.method_kwargs,
            "created_at": now,
            **fresh,
        }
        for ti_id, try_number, one in rows
    ]
    if found:
        insert_or_replace(conn, deferral, found)


# ---------------------------------------------------------------------------------- triggerers

CONTINUING = (TaskState.SCHEDULED.value, TaskState.QUEUED.value, TaskState.RUNNING.value)


def listed(conn: Connection) -> list[Waiting]:
    """Return all rows, those first whose triggers are to be taken first."""
    instance, row = task_instance.c, deferral.c
    rows = conn.execute(
        select(
            row.ti_id,
            row.try_number,
            row.holder,
            row.fired_at,
            instance.state,
            instance.try_number.label("latest"),
            instance.next_method,
        )
        .join(task_instance, instance.id == row.ti_id)
        .order_by(instance.priority_weight.desc(), row.created_at, row.ti_id)
    )
    return [_waiting(one) for one in rows]


def _waiting(row: Any) -> Waiting:
    is_latest = row.latest == row.try_number
    is_wanted = row.fired_at is None and is_latest and row.state == TaskState.DEFERRED.value
    goes_on = (
        row.state in CONTINUING
        and row.next_method is not None
        and (is_latest or row.latest == row.try_number + 1)
    )
    return Waiting(row.ti_id, row.try_number, row.holder, is_wanted, not (is_wanted or goes_on))


def holders(conn: Connection) -> Sequence[Any]:
    """Return the processes that hold rows, living or not."""
    held = select(deferral.c.holder).where(deferral.c.fired_at.is_(None))
    return conn.execute(select(process).where(process.c.id.in_(held))).all()


def claim(
    conn: Connection, ti_ids: Collection[int], holder: int, gone: Collection[int]
) -> set[int]:
    """Take rows that nobody has, or only a triggerer that is gone; return those that were taken."""
    taken: set[int] = set()
    for ids in batches(ti_ids):
        taken |= set(
            conn.execute(
                update(deferral)
                .where(
                    deferral.c.ti_id.in_(ids),
                    or_(deferral.c.holder.is_(None), deferral.c.holder.in_(gone)),
                    deferral.c.fired_at.is_(None),
                )
                .values(holder=holder)
                .returning(deferral.c.ti_id)
            ).scalars()
        )
    return taken


def release(conn: Connection, holder: int) -> None:
    """Let others have what a triggerer holds that ends."""
    conn.execute(update(deferral).where(deferral.c.holder == holder).values(holder=None))


def remove(conn: Connection, keys: Iterable[tuple[int, int]]) -> None:
    """Forget rows that nobody needs; one that was replaced meanwhile stays."""
    for ti_id, try_number in keys:
        conn.execute(
            delete(deferral).where(deferral.c.ti_id == ti_id, deferral.c.try_number == try_number)
        )


def read(conn: Connection, ti_ids: Collection[int]) -> list[Trigger]:
    """Return the triggers of these task instances."""
    found = []
    for ids in batches(ti_ids):
        rows = conn.execute(_TRIGGERS.where(deferral.c.ti_id.in_(ids)))
        found += [
            Trigger(
                ti_id=row.ti_id,
                try_number=row.try_number,
                classpath=row.classpath,
                kwargs=row.kwargs,
                until=row.retry_at,
                instance=row,
            )
            for row in rows
        ]
    return found


_TRIGGERS = (
    select(
        deferral.c.ti_id,
        deferral.c.try_number,
        deferral.c.classpath,
        deferral.c.kwargs,
        task_instance.c.task_id,
        task_instance.c.map_index,
        task_instance.c.max_tries,
        task_instance.c.resumed,
        task_instance.c.retry_at,
        task_instance.c.waiting_since,
        dag_run.c.id.label("run_pk"),
        dag_run.c.dag_id,
        dag_run.c.run_id,
        dag_run.c.run_type,
        dag_run.c.logical_date,
        dag_run.c.data_interval_start,
        dag_run.c.data_interval_end,
        dag_version.c.file,
        dag_version.c.source_hash,
    )
    .join(task_instance, task_instance.c.id == deferral.c.ti_id)
    .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
    .join(dag_version, dag_version.c.id == dag_run.c.version_id)
)


def note_trouble(conn: Connection, key: tuple[int, int], trouble: str) -> None:
    """Remember what is wrong with a trigger, for whoever asks why its task waits."""
    conn.execute(
        update(deferral)
        .where(deferral.c.ti_id == key[0], deferral.c.try_number == key[1])
        .values(trouble=trouble)
    )


# ---------------------------------------------------------------------------------- events

_WANTED = (
    task_instance.c.id == bindparam("ti"),
    task_instance.c.try_number == bindparam("try"),
    task_instance.c.state == TaskState.DEFERRED.value,
)
_GOES_ON = (
    update(task_instance)
    .where(*_WANTED)
    .values(
        state=TaskState.SCHEDULED.value,
        retry_at=None,
        reason=None,
        revision=bindparam("rev"),
    )
)


def fire(conn: Connection, fired: Sequence[Fired], now: datetime) -> set[int]:
    """Let tasks go on with what their triggers brought; return those that do.

    The others were cleared, ended or out of time meanwhile, or another triggerer was first.
    """
    runs = runs_of(conn, [one.ti_id for one in fired])
    revisions = revision.raise_for(conn, set(runs.values()), now)
    rows = [
        {"ti": one.ti_id, "try": one.try_number, "rev": revisions[runs[one.ti_id]]}
        for one in fired
        if runs.get(one.ti_id) in revisions
    ]
    if not rows:
        return set()
    conn.execute(_GOES_ON, rows)
    moved = set(revision.stamped(conn, {row["ti"]: row["rev"] for row in rows}))
    _keep(conn, [one for one in fired if one.ti_id in moved], now)
    return moved


def runs_of(conn: Connection, ti_ids: Sequence[int]) -> dict[int, int]:
    """Return the run of each of these task instances that is there."""
    columns = task_instance.c
    return {
        ti_id: run_pk
        for ids in batches(ti_ids)
        for ti_id, run_pk in conn.execute(
            select(columns.id, columns.dag_run_id).where(columns.id.in_(ids))
        )
    }


def _keep(conn: Connection, fired: Sequence[Fired], now: datetime) -> None:
    if not fired:
        return
    conn.execute(
        update(deferral)
        .where(deferral.c.ti_id == bindparam("ti"), deferral.c.try_number == bindparam("try"))
        .values(
            event=bindparam("what"),
            error=bindparam("why"),
            traceback=bindparam("where"),
            fired_at=bindparam("now"),
        ),
        [
            {
                "ti": one.ti_id,
                "try": one.try_number,
                "what": one.event,
                "why": one.error,
                "where": one.traceback,
                "now": now,
            }
            for one in fired
        ],
    )


def resumption(conn: Connection, cipher: Cipher, ti_id: int) -> Resumption | None:
    """Return how a task goes on that was deferred; None when nothing is known of it.

    Raises:
        CipherError: no key at hand made the token.
    """
    row = conn.execute(select(deferral).where(deferral.c.ti_id == ti_id)).one_or_none()
    if row is None:
        return None
    return Resumption(
        kwargs=cipher.decrypt(row.method_kwargs, METHOD),
        event=row.event,
        error=row.error,
        traceback=row.traceback,
    )
