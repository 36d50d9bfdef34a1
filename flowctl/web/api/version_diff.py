"""What changed from one version of a DAG to another."""

import difflib
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from flowctl.core.spec import DagSpec
from flowctl.store.queries import dags as dag_queries
from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.paging import Number
from flowctl.web.problems import NotFound
from flowctl.web.routes import on_dag, route

LINES_MAX = 20_000  # of both sources together: a comparison can cost the square of it


class TaskChange(msgspec.Struct):
    """A task that came, went, or changed in these of its fields."""

    task_id: str
    change: Literal["added", "removed", "changed"]
    fields: list[str]


class VersionDiff(msgspec.Struct):
    """From `since` to `number`; `source` is a unified diff, None where the files are too long."""

    dag_id: str
    since: int
    number: int
    source: str | None
    fields: list[str]  # of the DAG as a whole
    tasks: list[TaskChange]


class DiffQuery(msgspec.Struct):
    since: Number | None = None  # by default the version before


@route("GET", "/dags/{dag_id}/versions/{number}/diff", may=on_dag(READ, "DAG Code"), tag="View")
def get_version_diff(call: Call[DiffQuery, None], dag_id: str, number: int) -> VersionDiff:
    """Return what changed up to a version; the caller must be allowed to see all its DAGs."""
    since = number - 1 if call.query.since is None else call.query.since
    with call.reading() as conn:
        old, old_source = _version(call, conn, dag_id, since)
        new, new_source = _version(call, conn, dag_id, number)
    return VersionDiff(
        dag_id,
        since,
        number,
        _source(old_source, new_source, (f"version {since}", f"version {number}")),
        [name for name in _changed(old, new) if name != "tasks"],
        _tasks(old, new),
    )


def _version(
    call: Call[Any, Any], conn: Connection, dag_id: str, number: int
) -> tuple[DagSpec, bytes]:
    for other in dag_queries.sharing(conn, dag_id, number):
        call.must_dag(READ, other)
    spec, source = dag_queries.spec(conn, dag_id, number), dag_queries.source(conn, dag_id, number)
    if spec is None or source is None:
        raise NotFound(f"DAG {dag_id!r} has no version {number}")
    return spec, source


def _source(old: bytes, new: bytes, names: tuple[str, str]) -> str | None:
    before, after = (one.decode(errors="replace").splitlines() for one in (old, new))
    if len(before) + len(after) > LINES_MAX:
        return None
    return "\n".join(difflib.unified_diff(before, after, *names, lineterm=""))


def _tasks(old: DagSpec, new: DagSpec) -> list[TaskChange]:
    before = {task.task_id: task for task in old.tasks}
    after = {task.task_id: task for task in new.tasks}
    found = [TaskChange(one, "removed", []) for one in before.keys() - after.keys()]
    found += [TaskChange(one, "added", []) for one in after.keys() - before.keys()]
    for task_id in before.keys() & after.keys():
        if fields := _changed(before[task_id], after[task_id]):
            found.append(TaskChange(task_id, "changed", fields))
    return sorted(found, key=lambda one: one.task_id)


def _changed(old: msgspec.Struct, new: msgspec.Struct) -> list[str]:
    return [name for name in old.__struct_fields__ if getattr(old, name) != getattr(new, name)]
