"""Which task instances does a request to clear or mark mean?"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from flowctl.core import relatives
from flowctl.core.spec import TaskSpec
from flowctl.store import clears
from flowctl.store.clears import Clear
from flowctl.store.queries import listings, versions
from flowctl.store.queries import runs as queries
from flowctl.store.queries.listings import RunFilter, Span, Spans
from flowctl.store.queries.pages import Page
from flowctl.web.problems import BadRequest, NotFound
from flowctl.web.reading import moment

RUNS_MAX = 100_000


class Choice(NamedTuple):
    """Task instances by run and task; `map_index` None means all of a task."""

    run_ids: tuple[str, ...]
    task_ids: tuple[str, ...]
    map_index: int | None = None


class _Tasks(msgspec.Struct):
    tasks: tuple[TaskSpec, ...] = ()


_TASKS = msgspec.json.Decoder(_Tasks)


def specs(conn: Connection, version_pks: Iterable[int]) -> dict[int, dict[str, TaskSpec]]:
    """Return the tasks of DAG versions by task id."""
    return {
        pk: {task.task_id: task for task in _TASKS.decode(document).tasks}
        for pk, document in versions.documents(conn, version_pks).items()
    }


def dates(conn: Connection, run_pks: Iterable[int]) -> dict[int, datetime]:
    """Return the logical dates of runs."""
    return queries.dates(conn, run_pks)


def clear(conn: Connection, dag_id: str, body: Any) -> Clear:
    """Return what a request to clear means.

    Raises:
        BadRequest: it names a run and dates, or future runs without a run.
        NotFound: there is no such run or task.
    """
    since = None if body.start_date is None else moment("start_date", body.start_date)
    until = None if body.end_date is None else moment("end_date", body.end_date)
    run_ids: tuple[str, ...] = ()
    if body.dag_run_id is not None:
        run = queries.one(conn, dag_id, body.dag_run_id)
        if run is None:
            raise NotFound(f"DAG {dag_id!r} has no run {body.dag_run_id!r}")
        if body.include_past or body.include_future:
            since, until = _dates_meant(body, run.logical_date)
        else:
            run_ids = (body.dag_run_id,)
    elif body.include_past or body.include_future:
        raise BadRequest("include_past and include_future go from a run: name it in dag_run_id")
    graph, _ = clears.newest(conn, dag_id)
    for task_id in body.task_ids or ():
        if task_id not in graph.tasks:
            raise NotFound(f"DAG {dag_id!r} has no task {task_id!r}")
    pattern = "|".join(f"^{re.escape(task_id)}$" for task_id in body.task_ids or ())
    return Clear(
        (dag_id,),
        task_pattern=pattern or None,
        since=since,
        until=until,
        run_ids=run_ids,
        upstream=body.include_upstream,
        downstream=body.include_downstream,
        only_failed=body.only_failed,
        only_running=body.only_running,
        map_index=body.map_index,
        is_recursive=body.include_subdags,
    )


def around(
    conn: Connection, dag_id: str, body: Any, run_id: str | None, date: datetime | None
) -> Choice:
    """Return what a request to mark means: a task, its relatives, in a run and those beside it.

    Raises:
        NotFound: there is no such run or task.
    """
    graph, _ = clears.newest(conn, dag_id)
    if body.task_id not in graph.tasks:
        raise NotFound(f"DAG {dag_id!r} has no task {body.task_id!r}")
    run = queries.one(conn, dag_id, run_id) if run_id else None
    run = queries.at(conn, dag_id, date) if date else run
    if run is None:
        raise NotFound(f"DAG {dag_id!r} has no such run")
    tasks = {body.task_id}
    if body.include_upstream:
        tasks |= relatives.reached([body.task_id], graph.links.upstream)
    if body.include_downstream:
        tasks |= relatives.reached([body.task_id], graph.links.downstream)
    run_ids: tuple[str, ...] = (run.run_id,)
    if body.include_past or body.include_future:
        wanted = RunFilter(
            dag_ids=(dag_id,), spans=Spans(Span(*_dates_meant(body, run.logical_date)))
        )
        run_ids = tuple(row.run_id for row in listings.runs(conn, Page(RUNS_MAX), wanted).rows)
    return Choice(run_ids, tuple(sorted(tasks)))


def _dates_meant(body: Any, date: datetime) -> tuple[datetime | None, datetime | None]:
    """Return from when until when: from a run on, back from it, or always."""
    return None if body.include_past else date, None if body.include_future else date
