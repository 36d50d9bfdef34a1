"""A trigger ends its task: no process of the task is asked any more.

Source: Airflow 2.10's `TaskSuccessEvent`, `TaskFailedEvent` and `TaskSkippedEvent`; the callbacks
of the first two are run, a failed try is followed by another one if one is left.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from flowctl.core import retries
from flowctl.core.spec import TaskSpec
from flowctl.core.states import TaskState
from flowctl.store import callbacks, revision, xcoms
from flowctl.store.deferrals import Fired
from flowctl.store.schema import dag_run, deferral, task_instance, task_try
from flowctl.store.versions import Versions

EVENTS = {
    TaskState.SUCCESS: "success",
    TaskState.FAILED: "failure",
    TaskState.UP_FOR_RETRY: "retry",
}
REASON = "its trigger ended it"


def end(
    conn: Connection, fired: Fired, versions: Versions, retry_delay_max: timedelta, now: datetime
) -> set[int]:
    """End a task as its trigger says; return it, or nothing where it does not wait any more."""
    row = _instance(conn, fired)
    if row is None:
        return set()
    _digest, _source, graph = versions.get(conn, [row.version_id])[row.version_id]
    spec = graph.tasks[row.task_id]
    state, retry_at = _verdict(fired, row, spec, retry_delay_max, now)
    revisions = revision.raise_for(conn, [row.dag_run_id], now)
    ended = {"state": state.value, "end_date": now, "reason": REASON}
    moved = conn.execute(
        update(task_instance)
        .where(
            task_instance.c.id == fired.ti_id,
            task_instance.c.try_number == fired.try_number,
            task_instance.c.state == TaskState.DEFERRED.value,
        )
        .values(
            **ended,
            retry_at=retry_at,
            waiting_since=None,
            next_method=None,
            revision=revisions[row.dag_run_id],
        )
    ).rowcount
    if not moved:
        return set()
    conn.execute(
        update(task_try)
        .where(task_try.c.ti_id == fired.ti_id, task_try.c.try_number == fired.try_number)
        .values(**ended)
    )
    conn.execute(delete(deferral).where(deferral.c.ti_id == fired.ti_id))
    for key, value in fired.xcoms.items():
        xcoms.push(conn, fired.ti_id, key, value, now)
    event = EVENTS.get(state, "")
    called = [event] if event in spec.callbacks else []
    mails = [callbacks.MAIL + event] if event in spec.mails else []
    for due in (*called, *mails):
        callbacks.queue(conn, row.dag_run_id, fired.ti_id, row.try_number, due, REASON, now)
    return {fired.ti_id}


def _instance(conn: Connection, fired: Fired) -> Row[Any] | None:
    return conn.execute(
        select(task_instance, dag_run.c.dag_id, dag_run.c.logical_date, dag_run.c.version_id)
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
        .where(task_instance.c.id == fired.ti_id)
    ).one_or_none()


def _verdict(
    fired: Fired, row: Row[Any], spec: TaskSpec, retry_delay_max: timedelta, now: datetime
) -> tuple[TaskState, datetime | None]:
    """Return how the task ends, and with UP_FOR_RETRY when the next try may start."""
    assert fired.ends_as is not None
    is_last = not retries.may_retry(row.try_number, row.max_tries)
    if fired.ends_as is not TaskState.FAILED or is_last:
        return fired.ends_as, None
    identity = (row.dag_id, row.task_id, row.logical_date)
    shown = row.try_number - row.resumed
    return TaskState.UP_FOR_RETRY, retries.next_retry_at(
        retries.policy_of(spec), identity, shown, now, retry_delay_max
    )
