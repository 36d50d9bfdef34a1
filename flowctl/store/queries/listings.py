"""The lists of the API: DAGs, runs and task instances, filtered, ordered, a page at a time.

Whoever asks sees some DAGs or all: `readable` is None for all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, extract, func, select

from flowctl.core.states import TaskState
from flowctl.store.queries.pages import Found, Page, containing, fetch
from flowctl.store.schema import (
    dag,
    dag_file,
    dag_run,
    dag_tag,
    dag_version,
    task_instance,
)

Readable = Collection[str] | None

NO_STATE = (None, "none", "None", "")
"""How the API spells the state of a task instance that nothing was decided about."""


@dataclass(frozen=True)
class Span:
    """Moments from `since` to `until`, both included; None is without end."""

    since: datetime | None = None
    until: datetime | None = None

    def of(self, column: Any) -> list[ColumnElement[bool]]:
        """Return the conditions on a column."""
        found = []
        if self.since is not None:
            found.append(column >= self.since)
        if self.until is not None:
            found.append(column <= self.until)
        return found


EVER = Span()


@dataclass(frozen=True)
class Spans:
    """Between which moments runs or task instances are wanted."""

    logical: Span = EVER
    started: Span = EVER
    ended: Span = EVER
    updated: Span = EVER


ALWAYS = Spans()


# ------------------------------------------------------------------------------------- DAGs


DAG_ORDERS = {
    name: dag.c[name]
    for name in ("is_paused", "is_active", "description", "owners", "display_name", "parsed_at")
} | {
    "dag_display_name": dag.c.display_name,
    "last_parsed_time": dag.c.parsed_at,
    "next_dagrun": dag.c.next_logical_date,
    "dag_id": dag.c.dag_id,
}


def dags(
    conn: Connection,
    page: Page,
    *,
    readable: Readable = None,
    only_active: bool = True,
    paused: bool | None = None,
    tags: Collection[str] = (),
    pattern: str | None = None,
    dag_id: str | None = None,
) -> Found:
    """Return DAGs with their spec and whether their file has an error."""
    wanted = (
        select(dag, dag_version.c.spec, dag_version.c.number, dag_file.c.error)
        .join(dag_version, dag_version.c.id == dag.c.version_id)
        .outerjoin(dag_file, dag_file.c.path == dag.c.file)
    )
    if readable is not None:
        wanted = wanted.where(dag.c.dag_id.in_(readable))
    if only_active:
        wanted = wanted.where(dag.c.is_active)
    if paused is not None:
        wanted = wanted.where(dag.c.is_paused.is_(paused))
    if tags:
        tagged = select(dag_tag.c.dag_id).where(dag_tag.c.name.in_(tags))
        wanted = wanted.where(dag.c.dag_id.in_(tagged))
    if pattern:
        wanted = wanted.where(dag.c.dag_id.icontains(pattern.replace("%", ""), autoescape=True))
    if dag_id is not None:
        wanted = wanted.where(dag.c.dag_id == dag_id)
    return fetch(conn, wanted, page, DAG_ORDERS, "dag_id")


def run_counts(conn: Connection, dag_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Return how many runs are in which state, by DAG."""
    rows = conn.execute(
        select(dag_run.c.dag_id, dag_run.c.state, func.count().label("found"))
        .where(dag_run.c.dag_id.in_(dag_ids))
        .group_by(dag_run.c.dag_id, dag_run.c.state)
    )
    counts: dict[str, dict[str, int]] = {dag_id: {} for dag_id in dag_ids}
    for row in rows:
        counts[row.dag_id][row.state] = row.found
    return counts


# ------------------------------------------------------------------------------------- runs


@dataclass(frozen=True)
class RunFilter:
    """Which runs; None and empty mean any."""

    readable: Readable = None
    dag_ids: Collection[str] = ()
    states: Collection[str] = ()
    run_types: Collection[str] = ()
    run_ids: Collection[str] = ()
    spans: Spans = ALWAYS
    search: str = ""  # what the DAG's or the run's name contains


RUN_ORDERS = {
    name: dag_run.c[name]
    for name in ("dag_id", "run_id", "state", "run_type", "start_date", "end_date", "queued_at")
} | {
    "dag_run_id": dag_run.c.run_id,
    "logical_date": dag_run.c.logical_date,
    "execution_date": dag_run.c.logical_date,
    "updated_at": dag_run.c.updated_at,
    "external_trigger": dag_run.c.external_trigger,
    "conf": dag_run.c.run_id,
    "id": dag_run.c.id,
}


def runs(conn: Connection, page: Page, wanted: RunFilter) -> Found:
    """Return runs with the number of their version."""
    query = select(dag_run, dag_version.c.number).join(
        dag_version, dag_version.c.id == dag_run.c.version_id
    )
    query = query.where(*conditions_of_runs(wanted))
    return fetch(conn, query, page, RUN_ORDERS, "id")


def conditions_of_runs(wanted: RunFilter) -> list[ColumnElement[bool]]:
    """Return what a filter asks of runs."""
    conditions = [
        *wanted.spans.logical.of(dag_run.c.logical_date),
        *wanted.spans.started.of(dag_run.c.start_date),
        *wanted.spans.ended.of(dag_run.c.end_date),
        *wanted.spans.updated.of(dag_run.c.updated_at),
    ]
    if wanted.readable is not None:
        conditions.append(dag_run.c.dag_id.in_(wanted.readable))
    if wanted.search:
        conditions.append(containing(wanted.search, dag_run.c.dag_id, dag_run.c.run_id))
    for column, values in (
        (dag_run.c.dag_id, wanted.dag_ids),
        (dag_run.c.state, wanted.states),
        (dag_run.c.run_type, wanted.run_types),
        (dag_run.c.run_id, wanted.run_ids),
    ):
        if values:
            conditions.append(column.in_(values))
    return conditions


# ------------------------------------------------------------------------------------- tasks


@dataclass(frozen=True)
class TaskFilter:
    """Which task instances; None and empty mean any."""

    readable: Readable = None
    dag_ids: Collection[str] = ()
    run_ids: Collection[str] = ()
    task_ids: Collection[str] = ()
    map_index: int | None = None
    is_mapped: bool = False
    states: Collection[str | None] = ()
    pools: Collection[str] = ()
    queues: Collection[str] = ()
    spans: Spans = ALWAYS
    seconds: tuple[float | None, float | None] = (None, None)  # least and greatest duration
    search: str = ""  # what the name of the DAG, the run or the task contains


TASK_ORDERS = {
    name: task_instance.c[name]
    for name in ("task_id", "state", "start_date", "end_date", "map_index", "try_number", "pool")
} | {
    "queue": task_instance.c.queue,
    "operator": task_instance.c.operator,
    "priority_weight": task_instance.c.priority_weight,
    "dag_id": dag_run.c.dag_id,
    "dag_run_id": dag_run.c.run_id,
    "run_id": dag_run.c.run_id,
    "execution_date": dag_run.c.logical_date,
    "id": task_instance.c.id,
}


def tasks(conn: Connection, page: Page, wanted: TaskFilter) -> Found:
    """Return task instances with the facts of their runs."""
    query = _with_runs().where(
        *wanted.spans.logical.of(dag_run.c.logical_date),
        *wanted.spans.started.of(task_instance.c.start_date),
        *wanted.spans.ended.of(task_instance.c.end_date),
        *wanted.spans.updated.of(dag_run.c.updated_at),
    )
    for column, values in (
        (dag_run.c.dag_id, wanted.dag_ids),
        (dag_run.c.run_id, wanted.run_ids),
        (task_instance.c.task_id, wanted.task_ids),
        (task_instance.c.pool, wanted.pools),
        (task_instance.c.queue, wanted.queues),
    ):
        if values:
            query = query.where(column.in_(values))
    least, most = wanted.seconds
    if least is not None:
        query = query.where(_seconds(conn) >= least)
    if most is not None:
        query = query.where(_seconds(conn) <= most)
    if wanted.readable is not None:
        query = query.where(dag_run.c.dag_id.in_(wanted.readable))
    if wanted.search:
        names_of = (dag_run.c.dag_id, dag_run.c.run_id, task_instance.c.task_id)
        query = query.where(containing(wanted.search, *names_of))
    if wanted.map_index is not None:
        query = query.where(task_instance.c.map_index == wanted.map_index)
    if wanted.is_mapped:
        query = query.where(task_instance.c.map_index >= 0)
    if wanted.states:
        states = [TaskState.NONE.value if state in NO_STATE else state for state in wanted.states]
        query = query.where(task_instance.c.state.in_(states))
    return fetch(conn, query, page, TASK_ORDERS, "id")


def _seconds(conn: Connection) -> ColumnElement[Any]:
    """Return how long a task instance ran."""
    start, end = task_instance.c.start_date, task_instance.c.end_date
    if conn.dialect.name == "postgresql":
        return extract("epoch", end - start)
    return (func.julianday(end) - func.julianday(start)) * 86_400


def _with_runs() -> Select[Any]:
    return select(
        task_instance,
        dag_run.c.dag_id,
        dag_run.c.run_id,
        dag_run.c.logical_date,
        dag_run.c.version_id,
        dag_run.c.updated_at,
    ).join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
