"""What one does to task instances: clear, mark, write a note."""

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from flowctl.core.states import TaskState
from flowctl.store import clears, marks, run_actions
from flowctl.store.roles import EDIT
from flowctl.web.api import task_choice
from flowctl.web.api.runs import NoteBody, require_dag
from flowctl.web.api.shapes import TaskReference, TaskReferences
from flowctl.web.api.task_instances import MAPPED, ONE, TASKS, TaskInstance, one_of, row_of
from flowctl.web.call import Call
from flowctl.web.paging import Names, Number
from flowctl.web.problems import BadRequest
from flowctl.web.reading import When, moment, shown
from flowctl.web.routes import NoQuery, on_dag, route


class AroundARun(msgspec.Struct, kw_only=True):
    """What the bodies to clear and to mark several have in common."""

    dry_run: bool = True
    dag_run_id: str | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False


class ClearTaskInstances(AroundARun, kw_only=True):
    task_ids: Names | None = None
    start_date: When | None = None
    end_date: When | None = None
    only_failed: bool = True
    only_running: bool = False
    include_subdags: bool = False
    include_parentdag: bool = False
    reset_dag_runs: bool = False
    map_index: Number | None = None  # only this instance of mapped tasks


@route("POST", "/dags/{dag_id}/clearTaskInstances", may=on_dag(EDIT, TASKS), tag="DAG",
       errors=(400,))  # fmt: skip
def post_clear_task_instances(
    call: Call[NoQuery, ClearTaskInstances], dag_id: str
) -> TaskReferences:
    """Have task instances run again; with `dry_run` say which would."""
    body = call.body
    with call.reading() if body.dry_run else call.writing() as conn:
        require_dag(conn, dag_id)
        wanted = task_choice.clear(conn, dag_id, body)
        if body.dry_run:
            found = clears.concerned(conn, wanted)
        else:
            found = clears.clear(conn, wanted, call.caller.name, call.now)
        for other in {one.dag_id for one in found} - {dag_id}:  # where a marker leads to
            call.must_dag(EDIT, other)
        dates = task_choice.dates(conn, {one.run_pk for one in found})
    listed = [
        TaskReference(one.task_id, one.dag_id, shown(dates[one.run_pk]), one.run_id)
        for one in found
    ]
    return TaskReferences(listed, len(listed))


NewState = Literal["success", "failed", "skipped"]


class UpdateTaskInstancesState(AroundARun, kw_only=True):
    task_id: str
    new_state: NewState
    execution_date: When | None = None


@route("POST", "/dags/{dag_id}/updateTaskInstancesState", may=on_dag(EDIT, TASKS), tag="DAG",
       errors=(400,))  # fmt: skip
def post_set_task_instances_state(
    call: Call[NoQuery, UpdateTaskInstancesState], dag_id: str
) -> TaskReferences:
    """Say how task instances ended; with `dry_run` say which would change."""
    body = call.body
    if (body.dag_run_id is None) == (body.execution_date is None):
        raise BadRequest("name the run by dag_run_id or by execution_date, by one of them")
    date = None if body.execution_date is None else moment("execution_date", body.execution_date)
    with call.writing() as conn:
        require_dag(conn, dag_id)
        choice = task_choice.around(conn, dag_id, body, body.dag_run_id, date)
        return _mark(call, conn, dag_id, choice, body.new_state, dry_run=body.dry_run)


class UpdateTaskInstance(msgspec.Struct):
    new_state: NewState
    dry_run: bool = False


@route("PATCH", MAPPED, may=on_dag(EDIT, TASKS), tag="TaskInstance",
       name="patch_mapped_task_instance")  # fmt: skip
@route("PATCH", ONE, may=on_dag(EDIT, TASKS), tag="TaskInstance")
def patch_task_instance(
    call: Call[NoQuery, UpdateTaskInstance],
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: int = -1,
) -> TaskReference:
    """Say how a task instance ended; of a mapped task, one of its instances."""
    with call.writing() as conn:
        row = row_of(conn, dag_id, dag_run_id, task_id, map_index)
        choice = task_choice.Choice((dag_run_id,), (task_id,), map_index)
        _mark(call, conn, dag_id, choice, call.body.new_state, dry_run=call.body.dry_run)
    return TaskReference(task_id, dag_id, shown(row.logical_date), dag_run_id)


def _mark(
    call: Call[Any, Any],
    conn: Connection,
    dag_id: str,
    choice: task_choice.Choice,
    new_state: str,
    *,
    dry_run: bool,
) -> TaskReferences:
    state = TaskState(new_state)
    found = marks.concerned(conn, dag_id, choice.run_ids, choice.task_ids, state, choice.map_index)
    if not dry_run:
        found = marks.mark(conn, found, state, call.caller.name, call.now)
        for one in found:
            call.audit(
                conn,
                "task.mark",
                dag_id=dag_id,
                run_id=one.run_id,
                task_id=one.task_id,
                map_index=one.map_index,
                detail={"before": one.state.value, "after": state.value},
            )
    listed = [
        TaskReference(one.task_id, dag_id, shown(one.logical_date), one.run_id) for one in found
    ]
    return TaskReferences(listed, len(listed))


@route("PATCH", MAPPED + "/setNote", may=on_dag(EDIT, TASKS), tag="TaskInstance",
       name="set_mapped_task_instance_note")  # fmt: skip
@route("PATCH", ONE + "/setNote", may=on_dag(EDIT, TASKS), tag="TaskInstance")
def set_task_instance_note(
    call: Call[NoQuery, NoteBody], dag_id: str, dag_run_id: str, task_id: str, map_index: int = -1
) -> TaskInstance:
    """Write a note to a task instance; of a mapped task, to one of its instances."""
    with call.writing() as conn:
        row = row_of(conn, dag_id, dag_run_id, task_id, map_index)
        run_actions.set_task_note(conn, row.id, call.body.note)
        detail = {"before": row.note, "after": call.body.note}
        call.audit(
            conn, "task.note", dag_id=dag_id, run_id=dag_run_id, task_id=task_id,
            map_index=map_index, detail=detail,
        )  # fmt: skip
        return one_of(conn, dag_id, dag_run_id, task_id, map_index)
