"""Clearing: task instances are to run again, as if they had not.

A finished one goes back to NONE with as many tries as it had at first. One that is queued or
running becomes RESTARTING; its attempt is ended, and then it goes back to NONE. A run that had
ended goes back to QUEUED; runs go on with the newest version of their DAG unless told otherwise.
Which instances are concerned is one question, asked in the transaction that clears, so that what
was shown is what is cleared.

Source: Airflow 2.10's `clear_task_instances`.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from flowctl.core import setups
from flowctl.core.graph import Graph
from flowctl.core.states import OCCUPYING, UNFINISHED_RUN, RunState, RunType, TaskState
from flowctl.errors import FlowctlError
from flowctl.store import events, revision, runs
from flowctl.store.batches import batches
from flowctl.store.queries import runs as queries
from flowctl.store.schema import dag, dag_run, dag_version, task_instance
from flowctl.store.versions import kept_graph

ROWS_MAX = 500  # of one statement, so that a database's limit of parameters is never met


class ClearError(FlowctlError):
    """Nothing can be cleared as asked."""


@dataclass(frozen=True)
class Clear:
    """Which task instances; None, False and empty mean any."""

    dag_ids: tuple[str, ...]
    task_pattern: str | None = None  # a regular expression, searched in the task id
    since: datetime | None = None  # logical dates from this one, included
    until: datetime | None = None  # to this one, included
    run_ids: tuple[str, ...] = ()
    upstream: bool = False
    downstream: bool = False
    only_failed: bool = False
    only_running: bool = False
    map_index: int | None = None  # only instances of this index; -1: those not expanded
    is_recursive: bool = False  # with what ExternalTaskMarkers lead to in other DAGs


@dataclass(frozen=True)
class Cleared:
    """One task instance that is cleared, or would be."""

    ti_id: int
    run_pk: int
    dag_id: str
    run_id: str
    task_id: str
    state: TaskState
    retries: int
    logical_date: datetime
    map_index: int = -1

    @property
    def name(self) -> str:
        """Return the task id, with the index of one of several instances."""
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"


def matching_dags(conn: Connection, pattern: str) -> tuple[str, ...]:
    """Return the active DAGs in whose id the regular expression is found.

    Raises:
        ClearError: it is not a regular expression.
    """
    wanted = _compiled(pattern)
    ids = conn.scalars(select(dag.c.dag_id).where(dag.c.is_active).order_by(dag.c.dag_id))
    return tuple(dag_id for dag_id in ids if wanted.search(dag_id))


def has_task(conn: Connection, wanted: Clear) -> bool:
    """Say whether the pattern finds a task in one of the DAGs, whether or not it has run.

    Raises:
        ClearError: as for `concerned`.
    """
    pattern = _compiled(wanted.task_pattern or "")
    graphs = (newest(conn, dag_id)[0] for dag_id in wanted.dag_ids)
    return any(pattern.search(task_id) for graph in graphs for task_id in graph.tasks)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ClearError(f"{pattern!r} is not a regular expression: {error}") from error


def concerned(conn: Connection, wanted: Clear) -> list[Cleared]:
    """Return the task instances that `clear` would clear, by run and in the order of the DAG.

    Raises:
        ClearError: there is no such DAG, or the pattern is not a regular expression.
    """
    found: dict[int, Cleared] = {}
    for dag_id in wanted.dag_ids:
        graph, _version = newest(conn, dag_id)
        here = _taken(conn, graph, wanted, _chosen(graph, wanted))
        found |= {one.ti_id: one for one in here}
        if wanted.is_recursive:
            _follow(conn, wanted, graph, here, found)
    return list(found.values())


def _taken(conn: Connection, graph: Graph, wanted: Clear, tasks: set[str]) -> list[Cleared]:
    rows = _instances(conn, graph.spec.dag_id, wanted, tasks)
    return [_cleared(row, graph) for row in rows if row.task_id in tasks]


def _follow(
    conn: Connection,
    wanted: Clear,
    graph: Graph,
    here: Iterable[Cleared],
    found: dict[int, Cleared],
    depth: int = 1,
    depth_max: int | None = None,
) -> None:
    """Take in what the markers among `here` lead to, with all that comes after it there.

    Source: Airflow 2.10: the first marker says how far that goes at most.
    """
    for one in here:
        mark = graph.tasks[one.task_id].mark
        if mark is None:
            continue
        depth_max = depth_max or mark.depth
        if depth > depth_max:
            raise ClearError(
                f"task {one.task_id!r} of DAG {one.dag_id!r} leads on over more than {depth_max}"
                " DAGs; is it a circle? Its recursion_depth is the limit"
            )
        run = queries.at(conn, mark.dag_id, mark.date or one.logical_date + mark.offset)
        if run is None:
            continue
        other, _version = newest(conn, mark.dag_id)
        tasks = setups.chosen(other.links, {mark.task_id} & other.tasks.keys(), downstream=True)
        its_own = replace(wanted, run_ids=(run.run_id,), since=None, until=None)
        there = _taken(conn, other, its_own, tasks)
        new = [each for each in there if each.ti_id not in found]
        found |= {each.ti_id: each for each in new}
        _follow(conn, wanted, other, new, found, depth + 1, depth_max)


def newest(conn: Connection, dag_id: str) -> tuple[Graph, int]:
    """Return the newest version of a DAG: its graph, and the key of its row.

    Raises:
        ClearError: there is no such DAG.
    """
    row = conn.execute(
        select(dag_version.c.id, dag_version.c.spec)
        .join(dag, dag.c.version_id == dag_version.c.id)
        .where(dag.c.dag_id == dag_id)
    ).one_or_none()
    if row is None:
        raise ClearError(f"there is no DAG {dag_id!r}; flowctl dags list shows those there are")
    return kept_graph(row.spec), row.id


def _chosen(graph: Graph, wanted: Clear) -> set[str]:
    pattern = _compiled(wanted.task_pattern or "")
    chosen = {task_id for task_id in graph.tasks if pattern.search(task_id)}
    return setups.chosen(
        graph.links, chosen, upstream=wanted.upstream, downstream=wanted.downstream
    )


def _instances(
    conn: Connection, dag_id: str, wanted: Clear, tasks: Collection[str]
) -> Sequence[Row[Any]]:
    """Return the instances of these tasks; where there are many tasks, those of others, too."""
    conditions: list[ColumnElement[bool]] = [dag_run.c.dag_id == dag_id]
    if len(tasks) <= ROWS_MAX:
        conditions.append(task_instance.c.task_id.in_(sorted(tasks)))
    if wanted.since is not None:
        conditions.append(dag_run.c.logical_date >= wanted.since)
    if wanted.until is not None:
        conditions.append(dag_run.c.logical_date <= wanted.until)
    if wanted.only_failed:
        failed = (TaskState.FAILED, TaskState.UPSTREAM_FAILED)
        conditions.append(task_instance.c.state.in_(failed))
    if wanted.only_running:
        conditions.append(task_instance.c.state == TaskState.RUNNING)
    if wanted.map_index is not None:
        conditions.append(task_instance.c.map_index == wanted.map_index)
    conditions.append(task_instance.c.state != TaskState.REMOVED)
    if not wanted.run_ids:
        return _rows(conn, conditions)
    found = [
        row
        for run_ids in batches(wanted.run_ids)
        for row in _rows(conn, [*conditions, dag_run.c.run_id.in_(run_ids)])
    ]
    return sorted(found, key=lambda row: (row.logical_date, row.dag_run_id, row.id))


def _rows(conn: Connection, conditions: Sequence[ColumnElement[bool]]) -> Sequence[Row[Any]]:
    return conn.execute(
        select(task_instance, dag_run.c.dag_id, dag_run.c.run_id, dag_run.c.logical_date)
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
        .where(*conditions)
        .order_by(dag_run.c.logical_date, dag_run.c.id, task_instance.c.id)
    ).all()


def _cleared(row: Row[Any], graph: Graph) -> Cleared:
    return Cleared(
        ti_id=row.id,
        run_pk=row.dag_run_id,
        dag_id=row.dag_id,
        run_id=row.run_id,
        task_id=row.task_id,
        state=TaskState(row.state),
        logical_date=row.logical_date,
        map_index=row.map_index,
        retries=min(graph.tasks[row.task_id].retries, runs.RETRIES_MAX),
    )


def clear(
    conn: Connection, wanted: Clear, actor: str, now: datetime, *, keep_version: bool = False
) -> list[Cleared]:
    """Clear task instances; return them. Wake the scheduler after the commit.

    Args:
        keep_version: leave the runs on the version of the DAG that they had, as those of a DAG
            with rerun_with_latest_version=False are left in any case.

    Raises:
        ClearError: as for `concerned`.
    """
    run_pks = {one.run_pk for one in concerned(conn, wanted)}
    revisions = revision.raise_for(conn, run_pks, now)  # locks the runs: nothing moves from here on
    found = [one for one in concerned(conn, wanted) if one.run_pk in revisions]
    for run_pk, raised in revisions.items():
        _clear_tasks(conn, [one for one in found if one.run_pk == run_pk], raised)
    _restart_runs(conn, revisions, now)
    if not keep_version:
        for dag_id in sorted({one.dag_id for one in found}):
            _take_version(conn, dag_id, revisions)
    _record(conn, found, actor, now)
    return found


def _clear_tasks(conn: Connection, found: Sequence[Cleared], revision: int) -> None:
    occupying = [one.ti_id for one in found if one.state in OCCUPYING]
    for ids in _batches(occupying):
        conn.execute(
            update(task_instance)
            .where(task_instance.c.id.in_(ids), task_instance.c.state.in_(OCCUPYING))
            .values(state=TaskState.RESTARTING.value, revision=revision)
        )
    for retries in {one.retries for one in found}:
        others = [o.ti_id for o in found if o.state not in OCCUPYING and o.retries == retries]
        for ids in _batches(others):
            conn.execute(
                update(task_instance)
                .where(task_instance.c.id.in_(ids), task_instance.c.state.not_in(OCCUPYING))
                .values(**_EMPTY, max_tries=task_instance.c.try_number + retries, revision=revision)
            )


_EMPTY = {
    "state": TaskState.NONE.value,
    "start_date": None,
    "end_date": None,
    "retry_at": None,
    "waiting_since": None,
    "next_method": None,
    "queued_at": None,
    "reason": None,
    "branch": None,
    "pid": None,
}


def _batches(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[at : at + ROWS_MAX] for at in range(0, len(ids), ROWS_MAX)]


def _restart_runs(conn: Connection, run_pks: Iterable[int], now: datetime) -> None:
    """Let runs that had ended begin again; one that goes on just goes on."""
    for pks in _batches(sorted(run_pks)):
        conn.execute(
            update(dag_run)
            .where(dag_run.c.id.in_(pks), dag_run.c.state.not_in(UNFINISHED_RUN))
            .values(
                state=RunState.QUEUED.value,
                queued_at=now,
                start_date=None,
                end_date=None,
                reason=None,
                clear_number=dag_run.c.clear_number + 1,
            )
        )


def _take_version(conn: Connection, dag_id: str, revisions: dict[int, int]) -> None:
    """Put the runs on the newest version: new tasks get a row, those that are gone are REMOVED."""
    graph, version_pk = newest(conn, dag_id)
    if graph.spec.rerun_with_latest_version is False:
        return
    older = conn.execute(
        select(dag_run).where(
            dag_run.c.id.in_(revisions),
            dag_run.c.dag_id == dag_id,
            dag_run.c.version_id != version_pk,
        )
    ).all()
    for run in older:
        conn.execute(update(dag_run).where(dag_run.c.id == run.id).values(version_id=version_pk))
        _fit_tasks(conn, run, graph, revisions[run.id])


def _fit_tasks(conn: Connection, run: Row[Any], graph: Graph, revision: int) -> None:
    rows = conn.execute(
        select(task_instance.c.id, task_instance.c.task_id, task_instance.c.map_index).where(
            task_instance.c.dag_run_id == run.id
        )
    ).all()
    there: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        there[row.task_id].add(row.map_index)
    wanted = {task_id: _indexes(graph, task_id, there[task_id]) for task_id in graph.tasks}
    gone = [row.id for row in rows if row.map_index not in wanted.get(row.task_id, ())]
    for ids in _batches(gone):
        conn.execute(
            update(task_instance)
            .where(task_instance.c.id.in_(ids), task_instance.c.state.not_in(OCCUPYING))
            .values(
                state=TaskState.REMOVED.value,
                end_date=run.updated_at,
                revision=revision,
            )
        )
    new = [
        runs.instance(run.id, task, graph, map_index=index, revision=revision)
        for task in graph.spec.tasks
        if runs.concerns(task, RunType(run.run_type), run.logical_date)
        for index in wanted[task.task_id]
        if index not in there[task.task_id]
    ]
    if new:
        conn.execute(insert(task_instance), new)


def _indexes(graph: Graph, task_id: str, there: set[int]) -> Collection[int]:
    """Return the indexes that a task should have; one expanded over a result keeps its own."""
    first = runs.first_indexes(graph, task_id)
    if task_id in graph.lengths and -1 in first and max(there, default=-1) >= 0:
        return there - {-1}
    return first


def _record(conn: Connection, found: Sequence[Cleared], actor: str, now: datetime) -> None:
    """Leave one audit row for each run."""
    by_run: dict[tuple[str, str], list[str]] = {}
    for one in found:
        by_run.setdefault((one.dag_id, one.run_id), []).append(one.task_id)
    for (dag_id, run_id), task_ids in by_run.items():
        events.record(
            conn, "clear", actor, at=now, dag_id=dag_id, run_id=run_id, detail={"tasks": task_ids}
        )
