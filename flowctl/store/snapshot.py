"""The scheduler's view of the metastore: DAGs, unfinished runs, pools, as `core.world` objects.

Reads are plain rows. Nothing is read that did not change: the caller keeps the revisions it knows
and asks for those that moved.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, select, text

from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core import spec as specs
from flowctl.core.backfill import Shape, shaped
from flowctl.core.dag import Dag
from flowctl.core.graph import Graph, compile_graph
from flowctl.core.headroom import Budget, expectation
from flowctl.core.run import NO_LENGTH, Hold, Run, Task
from flowctl.core.states import TIMED, RunState, RunType, TaskState
from flowctl.core.timetables import Due
from flowctl.core.usage import Pool
from flowctl.core.world import World
from flowctl.store import assets, backfills, drains
from flowctl.store.batches import batches
from flowctl.store.schema import (
    HEAVY_TRIES,
    UNFINISHED_RUNS,
    backfill,
    dag,
    dag_run,
    dag_version,
    pool,
    process,
    task_instance,
    task_try,
    xcom,
)

HEAVY_TRIES_READ = 1000  # the latest; what a task took longer ago is learned anew


class Versions:
    """The graphs of DAG versions, each decoded once for as long as somebody uses it."""

    def __init__(self) -> None:
        self._graphs: dict[int, tuple[str, str, Graph]] = {}
        self._shaped: dict[tuple[int, str], Graph] = {}

    def get(self, conn: Connection, pks: Iterable[int]) -> dict[int, tuple[str, str, Graph]]:
        """Return digest, hash of the source, and graph by the key of the version's row."""
        wanted = set(pks)
        missing = wanted - self._graphs.keys()
        if missing:
            rows = conn.execute(
                select(
                    dag_version.c.id,
                    dag_version.c.digest,
                    dag_version.c.source_hash,
                    dag_version.c.spec,
                ).where(dag_version.c.id.in_(missing))
            )
            for pk, digest, source_hash, document in rows:
                graph = compile_graph(specs.decode(document))
                self._graphs[pk] = (digest, source_hash, graph)
        return {pk: self._graphs[pk] for pk in wanted}

    def shaped(self, pk: int, shape: Shape) -> Graph:
        """Return the graph of a version that `get` returned, as the runs of a backfill see it."""
        graph = self._graphs[pk][2]
        if shape.is_plain:
            return graph
        key = (pk, repr(shape))
        if key not in self._shaped:
            self._shaped[key] = compile_graph(shaped(graph.spec, shape))
        return self._shaped[key]

    def keep(self, graphs: Iterable[int]) -> None:
        """Forget every version whose graph is not among these, given by `id`."""
        wanted = set(graphs)
        self._graphs = {pk: kept for pk, kept in self._graphs.items() if id(kept[2]) in wanted}
        self._shaped = {key: kept for key, kept in self._shaped.items() if id(kept) in wanted}


def dag_revisions(conn: Connection) -> dict[str, int]:
    """Return the revision of every active DAG."""
    rows = conn.execute(select(dag.c.dag_id, dag.c.revision).where(dag.c.is_active))
    return dict(rows.all())


def run_revisions(conn: Connection, also: Iterable[int]) -> dict[int, int]:
    """Return the revision of every unfinished run, and of the runs `also`."""
    extra = list(also)
    condition = text(UNFINISHED_RUNS)  # the very words of the partial index, else SQLite scans
    rows = conn.execute(select(dag_run.c.id, dag_run.c.revision).where(condition))
    found = dict(rows.all())
    missing = [pk for pk in extra if pk not in found]
    if missing:
        rows = conn.execute(
            select(dag_run.c.id, dag_run.c.revision).where(dag_run.c.id.in_(missing))
        )
        found |= dict(rows.all())
    return found


def read_pools(conn: Connection) -> dict[str, Pool]:
    """Return all pools by name."""
    rows = conn.execute(select(pool.c.name, pool.c.slots, pool.c.include_deferred))
    return {name: Pool(name, slots, deferred) for name, slots, deferred in rows}


def read_peaks(conn: Connection) -> dict[tuple[str, str], int]:
    """Return what is expected of tasks that took much memory lately, by DAG and task."""
    heavy = (
        select(task_try.c.id, task_try.c.ti_id, task_try.c.peak_rss_bytes)
        .where(text(HEAVY_TRIES))
        .order_by(task_try.c.id.desc())
        .limit(HEAVY_TRIES_READ)
        .subquery()
    )
    rows = conn.execute(
        select(dag_run.c.dag_id, task_instance.c.task_id, heavy.c.peak_rss_bytes)
        .join(task_instance, task_instance.c.id == heavy.c.ti_id)
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
        .order_by(heavy.c.id)
    )
    found: dict[tuple[str, str], int] = {}
    for dag_id, task_id, peak in rows:
        key = (dag_id, task_id)
        found[key] = expectation(found.get(key, 0), peak)
    return found


def read_memory(conn: Connection) -> Budget | None:
    """Return what the scheduler that was seen last knows of memory; None where it asks nobody."""
    facts = conn.execute(
        select(process.c.facts)
        .where(process.c.kind == "scheduler", process.c.ended_at.is_(None))
        .order_by(process.c.seen_at.desc())
        .limit(1)
    ).scalar()
    told = (facts or {}).get("memory")
    return told and msgspec.convert(told, Budget, strict=False)


def read_dags(conn: Connection, versions: Versions, dag_ids: Iterable[str]) -> list[Dag]:
    """Return these DAGs with their newest version and the interval of the latest scheduled run."""
    wanted = list(dag_ids)
    rows = conn.execute(select(dag).where(dag.c.dag_id.in_(wanted), dag.c.is_active)).all()
    graphs = versions.get(conn, {row.version_id for row in rows})
    intervals = _last_intervals(conn, [row.dag_id for row in rows])
    dags = []
    for row in rows:
        digest, _source, graph = graphs[row.version_id]
        dags.append(
            Dag(
                dag_id=row.dag_id,
                graph=graph,
                version=digest,
                version_pk=row.version_id,
                is_paused=row.is_paused,
                revision=row.revision,
                last_interval=intervals.get(row.dag_id),
            )
        )
    return dags


def _last_intervals(conn: Connection, dag_ids: list[str]) -> dict[str, tuple[Any, Any]]:
    found = {}
    for dag_id in dag_ids:  # one index look-up each, whatever the length of the history
        row = conn.execute(
            select(
                dag_run.c.logical_date, dag_run.c.data_interval_start, dag_run.c.data_interval_end
            )
            .where(dag_run.c.dag_id == dag_id, dag_run.c.run_type == RunType.SCHEDULED.value)
            .order_by(dag_run.c.logical_date.desc())
            .limit(1)
        ).one_or_none()
        if row is not None:
            found[dag_id] = (
                row.data_interval_start or row.logical_date,
                row.data_interval_end or row.logical_date,
            )
    return found


def fill(world: World, conn: Connection, also: Iterable[int]) -> None:
    """Put all that the scheduler would know into an empty world, and the runs `also`."""
    versions = Versions()
    world.pools = read_pools(conn)
    world.drain = drains.read(conn)
    world.peaks = read_peaks(conn)
    world.memory = read_memory(conn)
    for found in read_dags(conn, versions, dag_revisions(conn)):
        world.put_dag(found)
    wanted = set(run_revisions(conn, ())) | set(also)
    while wanted:
        runs = read_runs(conn, versions, wanted)
        for run in runs:
            world.put_run(run)
        before = {run.previous_pk for run in runs if not run.is_finished}
        wanted = {pk for pk in before if pk is not None and pk not in world.runs}
    read_news(world, conn)


def read_news(world: World, conn: Connection) -> None:
    """Learn which assets are new for which DAGs, and which backfills are open."""
    world.put_news(assets.news(conn))
    world.backfills = {one.id: one for one in backfills.read_open(conn)}


def stored_due(row: Row[Any]) -> Due | None:
    """Return the next scheduled run that a row of `dag` holds."""
    if row.next_run_after is None:
        return None
    return Due(
        row.next_logical_date, row.next_interval_start, row.next_interval_end, row.next_run_after
    )


def read_runs(conn: Connection, versions: Versions, pks: Iterable[int]) -> list[Run]:
    """Return these runs, each with all its task instances."""
    return [run for wanted in batches(pks) for run in _read_runs(conn, versions, wanted)]


def _read_runs(conn: Connection, versions: Versions, wanted: list[int]) -> list[Run]:
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
    columns = task_instance.c
    instances = conn.execute(
        select(
            columns.id,
            columns.dag_run_id,
            columns.task_id,
            columns.state,
            columns.try_number,
            columns.max_tries,
            columns.resumed,
            columns.waiting_since,
            columns.next_method,
            columns.map_index,
            columns.retry_at,
            columns.branch,
            columns.held_by,
            columns.held_why,
            columns.held_until,
        ).where(columns.dag_run_id.in_(wanted))
    )
    tasks: dict[int, list[Task]] = {pk: [] for pk in runs}
    for row in instances:
        run = runs[row.dag_run_id]
        spec = run.graph.tasks.get(row.task_id)
        if spec is None or row.state == TaskState.REMOVED.value:
            continue
        followed, bypassed = decision(row.branch)
        tasks[run.pk].append(
            Task(
                id=row.id,
                run=run,
                spec=spec,
                state=TaskState(row.state),
                try_number=row.try_number,
                max_tries=row.max_tries,
                resumed=row.resumed,
                waiting_since=row.waiting_since,
                next_method=row.next_method,
                hold=_hold(row),
                map_index=row.map_index,
                retry_at=row.retry_at if row.state in TIMED else None,
                followed=followed,
                bypassed=bypassed,
            )
        )
    for pk, run in runs.items():
        run.take(tasks[pk])
        if run.graph.fed:
            _measure(conn, run)
    return list(runs.values())


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
        external_trigger=row.external_trigger,
        conf=row.conf or {},
        hold=_hold(row),
        backfill=None if fill is None else fill.id,
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
