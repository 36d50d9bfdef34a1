"""Runs and their task instances, read from the metastore as `core.run` objects.

One that has very many task instances can be read in steps: see `Part`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, func, select, tuple_

from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core.backfill import Shape
from flowctl.core.graph import Graph
from flowctl.core.run import NO_LENGTH, Hold, Run, Task
from flowctl.core.states import TIMED, RunState, RunType, TaskState
from flowctl.store.batches import batches
from flowctl.store.schema import backfill, dag_run, task_instance, xcom
from flowctl.store.versions import Versions

_INSTANCE = task_instance.c
_INSTANCES = select(
    _INSTANCE.id,
    _INSTANCE.dag_run_id,
    _INSTANCE.task_id,
    _INSTANCE.map_index,
    _INSTANCE.state,
    _INSTANCE.try_number,
    _INSTANCE.max_tries,
    _INSTANCE.resumed,
    _INSTANCE.waiting_since,
    _INSTANCE.next_method,
    _INSTANCE.retry_at,
    _INSTANCE.branch,
    _INSTANCE.held_by,
    _INSTANCE.held_why,
    _INSTANCE.held_until,
)
_STATES = {state.value: state for state in TaskState}


@dataclass(slots=True)
class Part:
    """A run of which not all task instances have been read, in the order of their keys."""

    run: Run
    revision: int  # of the run when its reading began
    tasks: list[Task] = field(default_factory=list)
    last: tuple[str, int] = ("", 0)  # task id and map index of the last row


def read_runs(conn: Connection, versions: Versions, pks: Iterable[int]) -> list[Run]:
    """Return these runs, each with all its task instances."""
    return [run for wanted in batches(pks) for run in _read_whole(conn, versions, wanted)]


def sizes(conn: Connection, pks: Iterable[int]) -> dict[int, int]:
    """Return how many rows of task instances each of these runs has, of those that have any."""
    count = select(_INSTANCE.dag_run_id, func.count()).group_by(_INSTANCE.dag_run_id)
    found: dict[int, int] = {}
    for wanted in batches(pks):
        rows = conn.execute(count.where(_INSTANCE.dag_run_id.in_(wanted))).all()
        found |= dict(rows)
    return found


def begin(conn: Connection, versions: Versions, pk: int) -> Part | None:
    """Begin to read a run in steps; None: it is gone."""
    run = _read_rows(conn, versions, [pk]).get(pk)
    if run is None:
        return None
    run.is_whole = False
    return Part(run, run.revision)


def read_on(conn: Connection, versions: Versions, part: Part, limit: int) -> list[Run] | None:
    """Read up to `limit` more task instances of a run.

    Returns:
        The run, once it is whole, another object than that of the part; an empty list if it is
        gone. It is as it stands now: one that somebody changed between the steps is read anew.
    """
    pk, key = part.run.pk, tuple_(_INSTANCE.task_id, _INSTANCE.map_index)
    mine = _INSTANCES.where(_INSTANCE.dag_run_id == pk, key > tuple_(*part.last))
    rows = conn.execute(mine.order_by(_INSTANCE.task_id, _INSTANCE.map_index).limit(limit)).all()
    part.tasks += _tasks(rows, {pk: part.run})[pk]
    if len(rows) == limit:
        part.last = (rows[-1].task_id, rows[-1].map_index)
        return None
    run = _read_rows(conn, versions, [pk]).get(pk)
    if run is None or run.revision != part.revision:
        return read_runs(conn, versions, [pk])
    for task in part.tasks:
        task.run = run
    return [_filled(conn, run, part.tasks)]


def _read_whole(conn: Connection, versions: Versions, wanted: list[int]) -> list[Run]:
    runs = _read_rows(conn, versions, wanted)
    tasks = _tasks(conn.execute(_INSTANCES.where(_INSTANCE.dag_run_id.in_(wanted))), runs)
    return [_filled(conn, run, tasks[pk]) for pk, run in runs.items()]


def _read_rows(conn: Connection, versions: Versions, wanted: list[int]) -> dict[int, Run]:
    """Read runs without their task instances."""
    rows = conn.execute(select(dag_run).where(dag_run.c.id.in_(wanted))).all()
    known = versions.get(conn, {row.version_id for row in rows})
    fills = _open_backfills(conn, {row.backfill_id for row in rows if row.backfill_id})
    runs = {}
    for row in rows:
        digest, source_hash, graph = known[row.version_id]
        fill = fills.get(row.backfill_id)
        if fill is not None:
            graph = versions.shaped(row.version_id, msgspec.convert(fill.shape, Shape))
        runs[row.id] = _run(conn, row, (digest, source_hash, graph), fill)
    return runs


def _filled(conn: Connection, run: Run, tasks: Sequence[Task]) -> Run:
    run.take(tasks)
    if run.graph.fed:
        _measure(conn, run)
    return run


def _tasks(rows: Iterable[Any], runs: Mapping[int, Run]) -> dict[int, list[Task]]:
    """Make task instances of rows, by run; unpacked, as there may be tens of thousands."""
    found: dict[int, list[Task]] = defaultdict(list)
    for (
        ti_id,
        run_pk,
        task_id,
        map_index,
        state,
        try_number,
        max_tries,
        resumed,
        waiting_since,
        next_method,
        retry_at,
        branch,
        held_by,
        held_why,
        held_until,
    ) in rows:
        run = runs[run_pk]
        spec = run.graph.tasks.get(task_id)
        if spec is None or state == TaskState.REMOVED.value:
            continue
        task = Task(ti_id, run, spec, _STATES[state], try_number, max_tries, resumed, map_index)
        task.waiting_since = waiting_since
        task.next_method = next_method
        if state in TIMED:
            task.retry_at = retry_at
        if branch:
            task.followed, task.bypassed = decision(branch)
        if held_by:
            task.hold = Hold(held_by, held_why or "", held_until)
        found[run_pk].append(task)
    return found


def _measure(conn: Connection, run: Run) -> None:
    """Find out how long the results are that tasks are mapped over."""
    found = conn.execute(
        select(xcom.c.ti_id, xcom.c.length)
        .join(task_instance, task_instance.c.id == xcom.c.ti_id)
        .where(
            task_instance.c.dag_run_id == run.pk,
            task_instance.c.task_id.in_(run.graph.fed),
            xcom.c.key == XCOM_RETURN_KEY,
        )
    )
    lengths = {ti_id: NO_LENGTH if length is None else length for ti_id, length in found}
    for task_id in run.graph.fed:
        for task in run.tasks.get(task_id, ()):
            task.left = lengths.get(task.id)


def _hold(row: Row[Any]) -> Hold | None:
    return Hold(row.held_by, row.held_why or "", row.held_until) if row.held_by else None


def decision(branch: str | None) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Return what a branch left: the tasks it follows (None: all), and those it bypasses."""
    left: Mapping[str, list[str]] = json.loads(branch) if branch else {}
    followed = frozenset(left["followed"]) if "followed" in left else None
    return followed, frozenset(left.get("skipped", ()))


def _open_backfills(conn: Connection, ids: set[int]) -> dict[int, Row[Any]]:
    if not ids:
        return {}
    rows = conn.execute(
        select(backfill).where(backfill.c.id.in_(ids), backfill.c.completed_at.is_(None))
    )
    return {row.id: row for row in rows}


def _run(
    conn: Connection, row: Row[Any], version: tuple[str, str, Graph], fill: Row[Any] | None
) -> Run:
    digest, source_hash, graph = version
    return Run(
        pk=row.id,
        dag_id=row.dag_id,
        run_id=row.run_id,
        run_type=row.run_type,
        state=RunState(row.state),
        logical_date=row.logical_date,
        graph=graph,
        version=digest,
        source_hash=source_hash,
        revision=row.revision,
        data_interval_start=row.data_interval_start,
        data_interval_end=row.data_interval_end,
        queued_at=row.queued_at,
        start_date=row.start_date,
        ending=(row.reason or "") if row.state == RunState.RUNNING.value else "",
        external_trigger=row.external_trigger,
        conf=row.conf or {},
        hold=_hold(row),
        backfill=None if fill is None else fill.id,
        made=row.made,
        is_whole=row.made is None,
        previous_pk=(previous := _previous(conn, row, graph, fill)),
        returning=frozenset() if previous is None else _returning(conn, row, graph, previous),
    )


def _previous(conn: Connection, row: Row[Any], graph: Graph, fill: Row[Any] | None) -> int | None:
    """Return the run before, where a task depends on it; a backfill does not look before itself.

    Source: Airflow 2.10, whose backfills leave out `depends_on_past` at their first date.
    """
    spec = graph.spec
    if fill is not None and row.logical_date == fill.from_date:
        return None
    if not any(task.depends_on_past for task in spec.tasks):
        return None
    earlier = and_(dag_run.c.dag_id == row.dag_id, dag_run.c.logical_date < row.logical_date)
    if spec.catchup:
        earlier = and_(earlier, dag_run.c.run_type != RunType.MANUAL.value)
    return conn.execute(
        select(dag_run.c.id)
        .where(earlier)
        .order_by(dag_run.c.logical_date.desc(), dag_run.c.id.desc())
        .limit(1)
    ).scalar()


def _returning(conn: Connection, row: Row[Any], graph: Graph, previous: int) -> frozenset[str]:
    """Return the tasks that the run before lacks (or had removed), but one before it has.

    Asked for tasks that the run before lacks, one by one: that is seldom any.
    """
    wanted = {task.task_id for task in graph.spec.tasks if task.depends_on_past}
    columns = task_instance.c
    present = conn.execute(
        select(columns.task_id).where(
            columns.dag_run_id == previous,
            columns.task_id.in_(wanted),
            columns.state != TaskState.REMOVED.value,
        )
    )
    ever = (
        select(columns.id)
        .join(dag_run, dag_run.c.id == columns.dag_run_id)
        .where(dag_run.c.dag_id == row.dag_id, dag_run.c.logical_date < row.logical_date)
        .limit(1)
    )
    missing = wanted.difference(present.scalars())
    return frozenset(
        task_id
        for task_id in missing
        if conn.execute(ever.where(columns.task_id == task_id)).first() is not None
    )
