"""Marking: a person says how a task instance or a run ended, whatever really happened.

A task instance that is marked while its attempt is under way ends at once; its process is killed by
the leader, which sees that somebody ended it. What comes after a marked task goes on as if it had
ended so by itself.

Source: Airflow 2.10's `set_state` and `set_dag_run_state_to_*`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from flowctl.core import relatives
from flowctl.core.spec import decode
from flowctl.core.states import FINISHED, UNFINISHED_RUN, RunState, TaskState
from flowctl.errors import FlowctlError
from flowctl.store import clears, holds, revision
from flowctl.store.batches import batches
from flowctl.store.schema import dag_run, dag_version, task_instance, task_try

BEGUN = (
    TaskState.RUNNING,
    TaskState.RESTARTING,
    TaskState.DEFERRED,
    TaskState.UP_FOR_RESCHEDULE,
)


class RunGone(FlowctlError):
    """There is no such run any more."""


@dataclass(frozen=True)
class Marked:
    """One task instance that is marked, or would be."""

    ti_id: int
    run_pk: int
    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    state: TaskState  # before
    logical_date: datetime


def concerned(
    conn: Connection,
    dag_id: str,
    run_ids: Sequence[str],
    task_ids: Sequence[str],
    state: TaskState,
    map_index: int | None = None,
) -> list[Marked]:
    """Return those of these task instances that are not in `state` already."""
    conditions = [
        dag_run.c.dag_id == dag_id,
        task_instance.c.task_id.in_(task_ids),
        task_instance.c.state.not_in((state.value, TaskState.REMOVED.value)),
    ]
    if map_index is not None:
        conditions.append(task_instance.c.map_index == map_index)
    found = [
        _marked(row)
        for ids in batches(run_ids)
        for row in conn.execute(_with_runs().where(*conditions, dag_run.c.run_id.in_(ids)))
    ]
    return sorted(found, key=lambda one: (one.logical_date, one.ti_id))


def _with_runs() -> Select[Any]:
    return select(task_instance, dag_run.c.dag_id, dag_run.c.run_id, dag_run.c.logical_date).join(
        dag_run, dag_run.c.id == task_instance.c.dag_run_id
    )


def _marked(row: Row[Any]) -> Marked:
    return Marked(
        row.id,
        row.dag_run_id,
        row.dag_id,
        row.run_id,
        row.task_id,
        row.map_index,
        TaskState(row.state),
        row.logical_date,
    )


def mark(
    conn: Connection, found: Sequence[Marked], state: TaskState, actor: str, now: datetime
) -> list[Marked]:
    """Put task instances into an end state; wake the scheduler after the commit.

    Returns those that were not in it yet: they are read again once their runs are locked.

    What failed because of them, or after them, is cleared. A run that had ended begins again, so
    that it ends anew, as its tasks stand now.
    """
    revisions = revision.raise_for(conn, {one.run_pk for one in found}, now)
    found = _still(conn, [one.ti_id for one in found], state)
    for run_pk, raised in revisions.items():
        mine = [one.ti_id for one in found if one.run_pk == run_pk]
        for ids in batches(mine):
            _end(conn, ids, state, f"marked {state.value} by {actor}", raised, now)
        _judge_again(conn, run_pk, now)
    for dag_id in sorted({one.dag_id for one in found}):
        _resume(conn, dag_id, [one for one in found if one.dag_id == dag_id], actor, now)
    return found


def _still(conn: Connection, ti_ids: Sequence[int], state: TaskState) -> list[Marked]:
    """Return those of these task instances that are there and not in `state`."""
    other = task_instance.c.state.not_in((state.value, TaskState.REMOVED.value))
    found = [
        _marked(row)
        for ids in batches(ti_ids)
        for row in conn.execute(_with_runs().where(task_instance.c.id.in_(ids), other))
    ]
    return sorted(found, key=lambda one: (one.logical_date, one.ti_id))


def _resume(
    conn: Connection, dag_id: str, found: Sequence[Marked], actor: str, now: datetime
) -> None:
    """Clear what has failed downstream of the tasks that were marked."""
    graph, _ = clears.newest(conn, dag_id)
    marked = {one.task_id for one in found}
    after = relatives.reached(marked & graph.tasks.keys(), graph.links.downstream) - marked
    if not after:
        return
    wanted = clears.Clear(
        (dag_id,),
        task_pattern="|".join(f"^{re.escape(task_id)}$" for task_id in sorted(after)),
        run_ids=tuple(sorted({one.run_id for one in found})),
        only_failed=True,
    )
    clears.clear(conn, wanted, actor, now, keep_version=True)


def _end(
    conn: Connection, ids: Sequence[int], state: TaskState, reason: str, raised: int, now: datetime
) -> None:
    conn.execute(
        update(task_instance)
        .where(task_instance.c.id.in_(ids))
        .values(
            state=state.value,
            start_date=func.coalesce(task_instance.c.start_date, now),
            end_date=now,
            retry_at=None,
            waiting_since=None,
            next_method=None,
            reason=reason,
            revision=raised,
        )
    )
    conn.execute(
        update(task_try)
        .where(task_try.c.ti_id.in_(ids), task_try.c.end_date.is_(None))
        .values(state=state.value, end_date=now, reason=reason)
    )


def _judge_again(conn: Connection, run_pk: int, now: datetime) -> None:
    """Have the scheduler say how a run ended, once more."""
    conn.execute(
        update(dag_run)
        .where(dag_run.c.id == run_pk, dag_run.c.state.not_in(UNFINISHED_RUN))
        .values(state=RunState.RUNNING.value, start_date=func.coalesce(dag_run.c.start_date, now),
                end_date=None, reason=None)
    )  # fmt: skip


def mark_run(conn: Connection, run_pk: int, state: RunState, actor: str, now: datetime) -> None:
    """Put a run into a state: SUCCESS or FAILED end it with its tasks, QUEUED has it begin again.

    Marked FAILED, its unfinished tasks are ended: those that have begun as failed, the others as
    skipped. Marked SUCCESS, all its tasks succeed, whatever they were. Teardowns are left alone;
    where one has not ended yet, the run goes on until it has, and then ends as its tasks did.

    Source: Airflow 2.10.

    Raises:
        RunGone: somebody deleted the run meanwhile.
    """
    raised = revision.raise_for(conn, [run_pk], now).get(run_pk)
    if raised is None:
        raise RunGone("somebody has deleted the run")
    cleaning = _teardowns(conn, run_pk)
    work = task_instance.c.task_id.not_in(cleaning)
    reason = f"run marked {state.value} by {actor}"
    if state is RunState.SUCCESS:
        others = (TaskState.SUCCESS.value, TaskState.REMOVED.value)
        ids = _ids(conn, run_pk, work, task_instance.c.state.not_in(others))
        _end_all(conn, ids, TaskState.SUCCESS, reason, raised, now)
    elif state is RunState.FAILED:
        live = _ids(conn, run_pk, work, task_instance.c.state.in_(BEGUN))
        _end_all(conn, live, TaskState.FAILED, reason, raised, now)
        rest = _ids(conn, run_pk, work, task_instance.c.state.not_in(FINISHED))
        _end_all(conn, rest, TaskState.SKIPPED, reason, raised, now)
    ended = state is not RunState.QUEUED
    if ended and cleaning and _ids(conn, run_pk, ~work, task_instance.c.state.not_in(FINISHED)):
        return
    conn.execute(
        update(dag_run)
        .where(dag_run.c.id == run_pk)
        .values(
            state=state.value,
            start_date=func.coalesce(dag_run.c.start_date, now) if ended else None,
            end_date=now if ended else None,
            queued_at=dag_run.c.queued_at if ended else now,
            reason=reason if ended else None,
            **(holds.RELEASED if ended else {}),
        )
    )


def _teardowns(conn: Connection, run_pk: int) -> list[str]:
    """Return the ids of the teardowns of a run."""
    document = conn.scalars(
        select(dag_version.c.spec)
        .join(dag_run, dag_run.c.version_id == dag_version.c.id)
        .where(dag_run.c.id == run_pk)
    ).one()
    return [task.task_id for task in decode(document).tasks if task.is_teardown]


def _ids(conn: Connection, run_pk: int, *conditions: Any) -> list[int]:
    wanted = select(task_instance.c.id).where(task_instance.c.dag_run_id == run_pk, *conditions)
    return list(conn.scalars(wanted))


def _end_all(
    conn: Connection,
    found: Sequence[int],
    state: TaskState,
    reason: str,
    raised: int,
    now: datetime,
) -> None:
    for ids in batches(found):
        _end(conn, ids, state, reason, raised, now)
