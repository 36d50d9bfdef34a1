"""Clearing and marking many task instances or runs at once, and seeing before which these are."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import Connection

from flowctl.core.states import RunState, TaskState
from flowctl.store import clears, marks, run_actions
from flowctl.store.clears import Clear
from flowctl.store.roles import DELETE, EDIT
from flowctl.web.api.runs import RUNS, require_run
from flowctl.web.api.task_instances import TASKS
from flowctl.web.call import Call
from flowctl.web.paging import Number
from flowctl.web.problems import Forbidden
from flowctl.web.routes import NoQuery, on_dag, route

ITEMS_MAX = 1000


class TaskItem(msgspec.Struct):
    """One task instance; without `map_index` all instances of the task."""

    dag_id: str
    dag_run_id: str
    task_id: str
    map_index: Number | None = None


class BulkTasks(msgspec.Struct):
    action: Literal["clear", "success", "failed", "skipped"]
    items: Annotated[list[TaskItem], msgspec.Meta(max_length=ITEMS_MAX)]
    dry_run: bool = True
    include_upstream: bool = False  # of `clear`
    include_downstream: bool = False  # of `clear`
    only_failed: bool = False  # of `clear`


class TouchedTask(msgspec.Struct):
    """A task instance that is changed, or would be; `state` is the one before."""

    dag_id: str
    dag_run_id: str
    task_id: str
    map_index: int
    state: TaskState


class TouchedTasks(msgspec.Struct):
    task_instances: list[TouchedTask]
    total_entries: int


@route("POST", "/ui/bulk/taskInstances", may=on_dag(EDIT, TASKS), tag="View", errors=(404,))
def post_bulk_tasks(call: Call[NoQuery, BulkTasks]) -> TouchedTasks:
    """Clear or mark task instances of any DAGs; with `dry_run` say which would change."""
    body = call.body
    for item in body.items:
        call.must_dag(EDIT, item.dag_id)
    with call.reading() if body.dry_run else call.writing() as conn:
        found: dict[int, Any] = {}
        for place, items in _groups(body.items):
            require_run(conn, *place)
            for one in _one_run(call, conn, place, items):
                call.must_dag(EDIT, one.dag_id)
                found.setdefault(one.ti_id, one)
    listed = [
        TouchedTask(one.dag_id, one.run_id, one.task_id, one.map_index, one.state)
        for one in found.values()
    ]
    return TouchedTasks(listed, len(listed))


def _groups(items: list[TaskItem]) -> Iterator[tuple[tuple[str, str], list[TaskItem]]]:
    """Yield the items by DAG and run."""

    def place(item: TaskItem) -> tuple[str, str]:
        return item.dag_id, item.dag_run_id

    for key, found in groupby(sorted(items, key=place), place):
        yield key, list(found)


def _one_run(
    call: Call[Any, BulkTasks], conn: Connection, place: tuple[str, str], items: list[TaskItem]
) -> list[Any]:
    whole = {item.task_id for item in items if item.map_index is None}
    found = list(_act(call, conn, place, sorted(whole), None)) if whole else []
    for item in items:
        if item.map_index is not None and item.task_id not in whole:
            found += _act(call, conn, place, [item.task_id], item.map_index)
    return found


def _act(
    call: Call[Any, BulkTasks],
    conn: Connection,
    place: tuple[str, str],
    task_ids: list[str],
    map_index: int | None,
) -> list[Any]:
    body, (dag_id, run_id) = call.body, place
    if body.action != "clear":
        state = TaskState(body.action)
        marked = marks.concerned(conn, dag_id, [run_id], task_ids, state, map_index)
        if not body.dry_run:
            marked = marks.mark(conn, marked, state, call.caller.name, call.now)
            _audit(call, conn, marked, state)
        return list(marked)
    wanted = Clear(
        (dag_id,),
        "|".join(f"^{re.escape(task_id)}$" for task_id in task_ids),
        run_ids=(run_id,),
        upstream=body.include_upstream,
        downstream=body.include_downstream,
        only_failed=body.only_failed,
        map_index=map_index,
    )
    if body.dry_run:
        return list(clears.concerned(conn, wanted))
    return list(clears.clear(conn, wanted, call.caller.name, call.now))


def _audit(
    call: Call[Any, Any], conn: Connection, found: list[marks.Marked], state: TaskState
) -> None:
    for one in found:
        call.audit(
            conn,
            "task.mark",
            dag_id=one.dag_id,
            run_id=one.run_id,
            task_id=one.task_id,
            map_index=one.map_index,
            detail={"before": one.state.value, "after": state.value},
        )


# ------------------------------------------------------------------------------------- runs


class RunItem(msgspec.Struct):
    dag_id: str
    dag_run_id: str


class BulkRuns(msgspec.Struct):
    action: Literal["clear", "success", "failed", "queued", "delete"]
    items: Annotated[list[RunItem], msgspec.Meta(max_length=ITEMS_MAX)]
    dry_run: bool = True


class TouchedRun(msgspec.Struct):
    """A run that is changed, or would be; `state` is the one before."""

    dag_id: str
    dag_run_id: str
    state: RunState


class TouchedRuns(msgspec.Struct):
    dag_runs: list[TouchedRun]
    total_entries: int


@route("POST", "/ui/bulk/dagRuns", may=on_dag(EDIT, RUNS), tag="View", errors=(404,))
def post_bulk_runs(call: Call[NoQuery, BulkRuns]) -> TouchedRuns:
    """Clear, mark or delete runs of any DAGs; with `dry_run` say which would change."""
    body = call.body
    for item in body.items:
        call.must_dag(EDIT, item.dag_id)
        if body.action == "delete" and not call.caller.may_of_dag(DELETE, RUNS, item.dag_id):
            raise Forbidden(f"{call.caller.name} may not delete runs of DAG {item.dag_id!r}")
    found: dict[int, TouchedRun] = {}
    with call.reading() if body.dry_run else call.writing() as conn:
        for item in body.items:
            row = require_run(conn, item.dag_id, item.dag_run_id)
            if row.state == body.action or row.id in found:
                continue
            found[row.id] = TouchedRun(item.dag_id, item.dag_run_id, row.state)
            if not body.dry_run:
                _change(call, conn, row)
    return TouchedRuns(list(found.values()), len(found))


def _change(call: Call[Any, BulkRuns], conn: Connection, row: Any) -> None:
    action, who = call.body.action, call.caller.name
    place = {"dag_id": row.dag_id, "run_id": row.run_id}
    if action == "clear":
        clears.clear(conn, Clear((row.dag_id,), run_ids=(row.run_id,)), who, call.now)
    elif action == "delete":
        run_actions.remove(conn, row.id)
        call.audit(conn, "run.delete", **place)
    else:
        marks.mark_run(conn, row.id, RunState(action), who, call.now)
        detail = {"before": row.state, "after": action}
        call.audit(conn, "run.mark", **place, detail=detail)
