"""The scheduler's view of the metastore: DAGs, unfinished runs, pools, as `core.world` objects.

Reads are plain rows. Nothing is read that did not change: the caller keeps the revisions it knows
and asks for those that moved.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, text

from flowctl.core.dag import Dag, later
from flowctl.core.headroom import Budget, expectation
from flowctl.core.states import RunType
from flowctl.core.timetables import Due, Interval
from flowctl.core.usage import Pool
from flowctl.core.world import World
from flowctl.store import assets, backfill_runs, drains, run_reader
from flowctl.store.batches import batches
from flowctl.store.schema import (
    HEAVY_TRIES,
    UNFINISHED_RUNS,
    dag,
    dag_run,
    pool,
    process,
    task_instance,
    task_try,
)
from flowctl.store.versions import Versions, kept_graph

HEAVY_TRIES_READ = 1000  # the latest; what a task took longer ago is learned anew


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
                drains=row.is_paused and row.drains,
                revision=row.revision,
                last_interval=later(intervals.get(row.dag_id), _passed(row)),
            )
        )
    return dags


def _passed(row: Row[Any]) -> Interval | None:
    return None if row.passed_end is None else (row.passed_start, row.passed_end)


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


def fill(
    world: World, conn: Connection, also: Iterable[int], *, are_runs_asked: bool = False
) -> None:
    """Put all that the scheduler would know into an empty world, and the runs `also`.

    Args:
        are_runs_asked: of the DAGs only those that have one of these runs. To read all
            of a site takes a second for a thousand.
    """
    versions = Versions(kept_graph)
    world.pools = read_pools(conn)
    world.drain = drains.read(conn)
    world.peaks = read_peaks(conn)
    world.memory = read_memory(conn)
    wanted = set(run_revisions(conn, ())) | set(also)
    dag_ids = _dags_of(conn, wanted) if are_runs_asked else dag_revisions(conn)
    for found in read_dags(conn, versions, dag_ids):
        world.put_dag(found)
    while wanted:
        runs = run_reader.read_runs(conn, versions, wanted)
        for run in runs:
            world.put_run(run)
        before = {run.previous_pk for run in runs if not run.is_finished}
        wanted = {pk for pk in before if pk is not None and pk not in world.runs}
    read_news(world, conn)


def _dags_of(conn: Connection, run_pks: Iterable[int]) -> set[str]:
    found: set[str] = set()
    for pks in batches(run_pks):
        found.update(conn.scalars(select(dag_run.c.dag_id).where(dag_run.c.id.in_(pks)).distinct()))
    return found


def read_news(world: World, conn: Connection) -> None:
    """Learn which assets are new for which DAGs, and which backfills are open."""
    world.put_news(assets.news(conn))
    world.backfills = {one.id: one for one in backfill_runs.read_open(conn)}


def stored_due(row: Row[Any]) -> Due | None:
    """Return the next scheduled run that a row of `dag` holds."""
    if row.next_run_after is None:
        return None
    return Due(
        row.next_logical_date, row.next_interval_start, row.next_interval_end, row.next_run_after
    )
