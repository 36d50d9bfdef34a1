"""The whole site at a glance: what runs, what failed lately, how full everything is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, text

from flowctl.core.states import RunState, TaskState
from flowctl.store.schema import (
    UNFINISHED_RUNS,
    UNFINISHED_TASKS,
    dag,
    dag_run,
    task_instance,
)

Readable = Collection[str] | None


def dag_counts(conn: Connection, readable: Readable) -> tuple[int, int]:
    """Return how many active DAGs there are, and how many of them are paused."""
    row = conn.execute(
        select(func.count(), func.count().filter(dag.c.is_paused)).where(
            dag.c.is_active, *_seen(dag.c.dag_id, readable)
        )
    ).one()
    return row[0], row[1]


def run_states(conn: Connection, since: datetime, readable: Readable) -> dict[str, int]:
    """Return how many runs are under way, or have ended since a moment, by state."""
    rows = conn.execute(
        select(dag_run.c.state, func.count())
        .where(or_(text(UNFINISHED_RUNS), dag_run.c.end_date >= since))
        .where(*_seen(dag_run.c.dag_id, readable))
        .group_by(dag_run.c.state)
    )
    return {row[0]: row[1] for row in rows}


def task_states(conn: Connection, since: datetime, readable: Readable) -> dict[str, int]:
    """Return how many task instances of such runs are in which state."""
    rows = conn.execute(
        select(task_instance.c.state, func.count())
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
        .where(
            or_(dag_run.c.state.in_(("queued", "running")), dag_run.c.end_date >= since),
            *_seen(dag_run.c.dag_id, readable),
        )
        .group_by(task_instance.c.state)
    )
    return {row[0]: row[1] for row in rows}


def occupied(conn: Connection) -> dict[str, int]:
    """Return how many task instances are queued and running, of all DAGs."""
    rows = conn.execute(
        select(task_instance.c.state, func.count())
        .where(text(UNFINISHED_TASKS))
        .group_by(task_instance.c.state)
    )
    counts = {row[0]: row[1] for row in rows}
    names = (TaskState.QUEUED, TaskState.RUNNING, TaskState.RESTARTING, TaskState.DEFERRED)
    return {state.value: counts.get(state.value, 0) for state in names}


def failed_runs(
    conn: Connection, since: datetime, readable: Readable, limit: int
) -> Sequence[Row[Any]]:
    """Return the runs that failed since a moment, the latest first."""
    return conn.execute(
        select(dag_run)
        .where(
            dag_run.c.state == RunState.FAILED.value,
            dag_run.c.end_date >= since,
            *_seen(dag_run.c.dag_id, readable),
        )
        .order_by(dag_run.c.end_date.desc(), dag_run.c.id.desc())
        .limit(limit)
    ).all()


WAITING = ("scheduled", "queued", "up_for_retry", "up_for_reschedule", "deferred")


def waiting(conn: Connection, readable: Readable, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the tasks that wait for something else than other tasks, the longest wait first."""
    ti = (
        select(task_instance)
        .where(text(UNFINISHED_TASKS), task_instance.c.state.in_(WAITING))
        .subquery()
    )
    since = func.coalesce(ti.c.queued_at, dag_run.c.start_date, dag_run.c.queued_at)
    return conn.execute(
        select(
            ti.c.id, ti.c.dag_run_id, ti.c.task_id, ti.c.map_index, ti.c.state, ti.c.reason,
            dag_run.c.dag_id, dag_run.c.run_id, since.label("since"),
        )
        .join(dag_run, dag_run.c.id == ti.c.dag_run_id)
        .where(*_seen(dag_run.c.dag_id, readable))
        .order_by(since, ti.c.id)
        .limit(limit)
    ).all()  # fmt: skip


def runs_between(
    conn: Connection, since: datetime, until: datetime, readable: Readable, limit: int
) -> Sequence[Row[Any]]:
    """Return the runs of all DAGs that were under way between two moments, the latest first."""
    return conn.execute(
        select(dag_run)
        .where(
            or_(dag_run.c.end_date >= since, dag_run.c.end_date.is_(None)),
            dag_run.c.queued_at <= until,
            *_seen(dag_run.c.dag_id, readable),
        )
        .order_by(dag_run.c.queued_at.desc(), dag_run.c.id.desc())
        .limit(limit)
    ).all()


def _seen(column: Any, readable: Readable) -> list[ColumnElement[bool]]:
    return [] if readable is None else [column.in_(readable)]
