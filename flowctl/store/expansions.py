"""Mapped tasks become many: the rows of their instances, guarded, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from flowctl.core.plan import Expansion
from flowctl.core.run import Run
from flowctl.core.states import OCCUPYING, TaskState
from flowctl.store import runs, upsert
from flowctl.store.batches import batches
from flowctl.store.schema import task_instance

_INSTANCE = task_instance.c


def apply(
    conn: Connection, run: Run, expansion: Expansion, revision: int, now: datetime
) -> Sequence[int] | None:
    """Give a mapped task its instances.

    Returns:
        The ids of all of them in the order of their indexes. None where the task had been expanded
        before, or somebody changed it meanwhile: the run is to be read anew.
    """
    first = run.tasks[expansion.task_id][0]
    if first.map_index >= 0:
        _revise(conn, run, expansion, revision, now)
        return None
    moved = conn.execute(
        update(task_instance)
        .where(
            _INSTANCE.id == first.id,
            _INSTANCE.map_index == -1,
            _INSTANCE.state == TaskState.NONE.value,
        )
        .values(map_index=0, revision=revision)
    )
    if not moved.rowcount:
        return None
    _add(conn, run, expansion.task_id, range(1, expansion.count), revision)
    ordered = select(_INSTANCE.id).where(*_of(run, expansion)).order_by(_INSTANCE.map_index)
    ids = conn.execute(ordered).scalars().all()
    return ids if len(ids) == expansion.count else None


def _revise(conn: Connection, run: Run, expansion: Expansion, revision: int, now: datetime) -> None:
    """Fit the instances of a task to a list that is longer or shorter than it was."""
    ended = {"state": TaskState.REMOVED.value, "end_date": now, "revision": revision}
    conn.execute(
        update(task_instance)
        .where(
            *_of(run, expansion),
            _INSTANCE.map_index >= expansion.count,
            _INSTANCE.state.not_in([*OCCUPYING, TaskState.REMOVED]),
        )
        .values(ended)
    )
    conn.execute(
        update(task_instance)
        .where(
            *_of(run, expansion),
            _INSTANCE.map_index < expansion.count,
            _INSTANCE.state == TaskState.REMOVED.value,
        )
        .values(state=TaskState.NONE.value, end_date=None, revision=revision)
    )
    there = {task.map_index for task in run.tasks[expansion.task_id]}
    missing = (index for index in range(expansion.count) if index not in there)
    _add(conn, run, expansion.task_id, missing, revision)


def _add(conn: Connection, run: Run, task_id: str, indexes: Iterable[int], revision: int) -> None:
    spec = run.graph.tasks[task_id]
    for some in batches(indexes):
        rows = [
            runs.instance(run.pk, spec, run.graph, map_index=index, revision=revision)
            for index in some
        ]
        upsert.insert_missing(conn, task_instance, rows)


def _of(run: Run, expansion: Expansion) -> tuple[ColumnElement[bool], ...]:
    return (_INSTANCE.dag_run_id == run.pk, _INSTANCE.task_id == expansion.task_id)
