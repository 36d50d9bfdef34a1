"""Mapped tasks become many: the rows of their instances, guarded, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from flowctl.core.plan import Expansion
from flowctl.core.run import Run
from flowctl.core.states import OCCUPYING, TaskState
from flowctl.store import runs, upsert
from flowctl.store.schema import task_instance

_INSTANCE = task_instance.c


def apply(
    conn: Connection, run: Run, expansion: Expansion, revision: int, now: datetime
) -> Sequence[int] | None:
    """Give a mapped task more of its instances.

    Returns:
        The ids of those that are new, in the order of their indexes; the first time with that of
        the one instance before. None where there are others than expected, as the list is another
        one than it was, or somebody changed the task meanwhile: the run is to be read anew.
    """
    instances = run.tasks[expansion.task_id]
    there = run.expanded(expansion.task_id)
    if (there < len(instances) and instances[0].map_index >= 0) or expansion.count < there:
        _revise(conn, run, expansion, revision, now)
        return None
    if not there and not _claim(conn, instances[0].id, revision):
        return None
    _add(conn, run, expansion.task_id, range(max(1, there), expansion.upto), revision)
    made = conn.execute(
        select(_INSTANCE.id, _INSTANCE.state)
        .where(*_of(run, expansion), _INSTANCE.map_index >= there)
        .order_by(_INSTANCE.map_index)
    ).all()
    is_as_expected = all(state == TaskState.NONE.value for _, state in made)
    if is_as_expected and len(made) == expansion.upto - there:
        return [ti_id for ti_id, _ in made]
    _revise(conn, run, expansion, revision, now)
    return None


def _claim(conn: Connection, ti_id: int, revision: int) -> bool:
    """Make the one instance of a task that of index 0, if nobody changed it."""
    moved = conn.execute(
        update(task_instance)
        .where(
            _INSTANCE.id == ti_id,
            _INSTANCE.map_index == -1,
            _INSTANCE.state == TaskState.NONE.value,
        )
        .values(map_index=0, revision=revision)
    )
    return bool(moved.rowcount)


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
    _add(conn, run, expansion.task_id, range(expansion.upto), revision)


def _add(conn: Connection, run: Run, task_id: str, indexes: Iterable[int], revision: int) -> None:
    """Make instances of these indexes, where there are none."""
    spec = run.graph.tasks[task_id]
    rows = [
        runs.instance(run.pk, spec, run.graph, map_index=index, revision=revision)
        for index in indexes
    ]
    if rows:
        upsert.insert_missing(conn, task_instance, rows)


def _of(run: Run, expansion: Expansion) -> tuple[ColumnElement[bool], ...]:
    return (_INSTANCE.dag_run_id == run.pk, _INSTANCE.task_id == expansion.task_id)
