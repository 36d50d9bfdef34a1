"""Task instances: lists, tries, notes, clear, mark, and why they wait."""

from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import Connection

from flowctl.authoring.masking import redact
from flowctl.core import explain
from flowctl.core.spec import TaskSpec
from flowctl.core.states import TaskState
from flowctl.executors import outlook
from flowctl.store import clears, marks, run_actions
from flowctl.store.queries import listings
from flowctl.store.queries import tasks as queries
from flowctl.store.queries.listings import TaskFilter
from flowctl.store.queries.pages import Page as StorePage
from flowctl.store.roles import EDIT, READ
from flowctl.web.api import task_choice
from flowctl.web.api.runs import NoteBody, require_dag, require_run, spans_in, spans_of
from flowctl.web.api.shapes import Moments, TaskReference, TaskReferences
from flowctl.web.call import Call
from flowctl.web.paging import Names, Number, OrderedPage, Page, cut, in_order, order_of, page
from flowctl.web.problems import BadRequest, NotFound
from flowctl.web.reading import When, json_text, moment, shown
from flowctl.web.routes import NoQuery, on_dag, route

TASKS = "Task Instances"
UNIXNAME = ""  # tasks run as the user of the daemon; Airflow says its name
ONE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"
MAPPED = ONE + "/{map_index}"


class TaskTry(msgspec.Struct, kw_only=True):
    """One try of a task instance."""

    task_id: str
    task_display_name: str
    dag_id: str
    dag_run_id: str
    start_date: When | None
    end_date: When | None
    duration: float | None
    state: TaskState | None
    try_number: int
    map_index: int
    max_tries: int
    hostname: str
    unixname: str
    pool: str
    pool_slots: int
    queue: str | None
    priority_weight: int | None
    operator: str | None
    queued_when: When | None
    pid: int | None
    executor: str | None
    executor_config: str


class TaskInstance(TaskTry, kw_only=True):
    """One task instance, as its latest try stands."""

    execution_date: When
    sla_miss: None = None
    rendered_map_index: str | None = None
    rendered_fields: dict[str, Any]
    trigger: dict[str, Any] | None = None
    triggerer_job: dict[str, Any] | None = None
    note: str | None


class TaskInstanceCollection(msgspec.Struct):
    task_instances: list[TaskInstance]
    total_entries: int


class TaskTryCollection(msgspec.Struct):
    task_instances: list[TaskTry]
    total_entries: int


ORDER = Annotated[str, order_of(listings.TASK_ORDERS)]


class TasksQuery(Moments, kw_only=True):
    order_by: ORDER | None = None
    duration_gte: float | None = None
    duration_lte: float | None = None
    state: tuple[str, ...] = ()
    pool: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    executor: tuple[str, ...] = ()
    search: str | None = None  # what the name of the DAG, the run or the task contains


class ListTaskInstanceForm(msgspec.Struct):
    page_offset: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0
    page_limit: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 100
    dag_ids: Names | None = None
    dag_run_ids: Names | None = None
    task_ids: Names | None = None
    execution_date_gte: When | None = None
    execution_date_lte: When | None = None
    start_date_gte: When | None = None
    start_date_lte: When | None = None
    end_date_gte: When | None = None
    end_date_lte: When | None = None
    duration_gte: float | None = None
    duration_lte: float | None = None
    state: Annotated[list[str | None], msgspec.Meta(max_length=1000)] | None = None
    pool: Names | None = None
    queue: Names | None = None
    executor: Names | None = None
    order_by: ORDER | None = None


def _wanted(call: Call[TasksQuery, None], **more: Any) -> TaskFilter:
    asked = call.query
    return TaskFilter(
        readable=call.caller.dags(),
        states=asked.state,
        pools=asked.pool,
        queues=asked.queue,
        seconds=(asked.duration_gte, asked.duration_lte),
        spans=spans_of(asked),
        search=asked.search or "",
        **more,
    )


@route(
    "GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances", may=on_dag(READ, TASKS),
    tag="TaskInstance",
)  # fmt: skip
def get_task_instances(
    call: Call[TasksQuery, None], dag_id: str, dag_run_id: str
) -> TaskInstanceCollection:
    """List the task instances of a run; ~ is any DAG, any run."""
    wanted = _wanted(
        call,
        dag_ids=() if dag_id == "~" else (dag_id,),
        run_ids=() if dag_run_id == "~" else (dag_run_id,),
    )
    with call.reading() as conn:
        if "~" not in (dag_id, dag_run_id):
            require_run(conn, dag_id, dag_run_id)
        return _collection(call, conn, wanted, call.query)


@route("GET", ONE + "/listMapped", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_mapped_task_instances(
    call: Call[TasksQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> TaskInstanceCollection:
    """List the instances of a mapped task."""
    with call.reading() as conn:
        require_run(conn, dag_id, dag_run_id)
        wanted = _wanted(
            call, dag_ids=(dag_id,), run_ids=(dag_run_id,), task_ids=(task_id,), is_mapped=True
        )
        found = _collection(call, conn, wanted, call.query)
        if not found.total_entries and queries.one(conn, dag_id, dag_run_id, task_id) is None:
            raise NotFound(f"run {dag_run_id!r} has no task {task_id!r}")
        return found


@route("POST", "/dags/~/dagRuns/~/taskInstances/list", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instances_batch(call: Call[NoQuery, ListTaskInstanceForm]) -> TaskInstanceCollection:
    """List task instances of several DAGs and runs."""
    form = call.body
    wanted = TaskFilter(
        readable=call.caller.dags(),
        dag_ids=form.dag_ids or (),
        run_ids=form.dag_run_ids or (),
        task_ids=form.task_ids or (),
        states=form.state or (),
        pools=form.pool or (),
        queues=form.queue or (),
        seconds=(form.duration_gte, form.duration_lte),
        spans=spans_in(form),
    )
    asked = OrderedPage(limit=form.page_limit, offset=form.page_offset, order_by=form.order_by)
    with call.reading() as conn:
        return _collection(call, conn, wanted, asked)


def _collection(
    call: Call[Any, Any], conn: Connection, wanted: TaskFilter, asked: OrderedPage
) -> TaskInstanceCollection:
    found = listings.tasks(conn, page(call.site, asked), wanted)
    specs = task_choice.specs(conn, {row.version_id for row in found.rows})
    listed = [_shown(row, specs[row.version_id].get(row.task_id)) for row in found.rows]
    return TaskInstanceCollection(listed, found.total)


@route("GET", ONE, may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instance(
    call: Call[NoQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> TaskInstance:
    """Return a task instance that is not mapped."""
    return _get(call, dag_id, dag_run_id, task_id, -1)


@route("GET", MAPPED, may=on_dag(READ, TASKS), tag="TaskInstance")
def get_mapped_task_instance(
    call: Call[NoQuery, None], dag_id: str, dag_run_id: str, task_id: str, map_index: int
) -> TaskInstance:
    """Return one instance of a mapped task."""
    return _get(call, dag_id, dag_run_id, task_id, map_index)


def _get(
    call: Call[Any, Any], dag_id: str, run_id: str, task_id: str, map_index: int
) -> TaskInstance:
    with call.reading() as conn:
        return _one(conn, dag_id, run_id, task_id, map_index)


def _one(conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int) -> TaskInstance:
    row = _row(conn, dag_id, run_id, task_id, map_index)
    return _shown(row, task_choice.specs(conn, {row.version_id})[row.version_id].get(task_id))


def _row(conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int) -> Any:
    wanted = TaskFilter(
        dag_ids=(dag_id,), run_ids=(run_id,), task_ids=(task_id,), map_index=map_index
    )
    found = listings.tasks(conn, StorePage(1), wanted)
    if not found.rows:
        at = f" with map index {map_index}" if map_index >= 0 else ""
        raise NotFound(f"DAG {dag_id!r}, run {run_id!r}: there is no task {task_id!r}{at}")
    return found.rows[0]


def _shown(row: Any, spec: TaskSpec | None) -> TaskInstance:
    return TaskInstance(
        **_common(row, row, spec),
        state=None if row.state == TaskState.NONE.value else row.state,
        execution_date=shown(row.logical_date),
        rendered_map_index=row.rendered_map_index,
        rendered_fields=row.rendered or {},
        note=row.note,
    )


def _common(row: Any, tried: Any, spec: TaskSpec | None) -> dict[str, Any]:
    """Return the fields of a task instance and one of its tries."""
    start, end = tried.start_date, tried.end_date
    return {
        "task_id": row.task_id,
        "task_display_name": (spec.display_name if spec else "") or row.task_id,
        "dag_id": row.dag_id,
        "dag_run_id": row.run_id,
        "start_date": shown(start),
        "end_date": shown(end),
        "duration": (end - start).total_seconds() if start and end else None,
        "try_number": tried.try_number - tried.resumed,
        "map_index": row.map_index,
        "max_tries": row.max_tries - row.resumed,
        "hostname": (tried.host or "").partition(":")[0],
        "unixname": UNIXNAME,
        "pool": row.pool,
        "pool_slots": row.pool_slots,
        "queue": row.queue,
        "priority_weight": row.priority_weight,
        "operator": row.operator,
        "queued_when": shown(tried.queued_at),
        "pid": tried.pid,
        "executor": spec.executor if spec else None,
        "executor_config": json_text(redact(spec.executor_config) if spec else {}),
    }


# ------------------------------------------------------------------------------------- tries


TRY_ORDERS = {name: name for name in ("try_number", "start_date", "end_date", "state")} | {
    "id": "try_number"
}


class TriesQuery(Page, kw_only=True):
    order_by: Annotated[str, order_of(TRY_ORDERS)] = "try_number"


@route("GET", ONE + "/tries", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instance_tries(
    call: Call[TriesQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> TaskTryCollection:
    """List the tries of a task instance."""
    return _tries(call, dag_id, dag_run_id, task_id, -1)


@route("GET", MAPPED + "/tries", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_mapped_task_instance_tries(
    call: Call[TriesQuery, None], dag_id: str, dag_run_id: str, task_id: str, map_index: int
) -> TaskTryCollection:
    """List the tries of one instance of a mapped task."""
    return _tries(call, dag_id, dag_run_id, task_id, map_index)


@route("GET", ONE + "/tries/{task_try_number}", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instance_try_details(
    call: Call[NoQuery, None], dag_id: str, dag_run_id: str, task_id: str, task_try_number: int
) -> TaskTry:
    """Return one try of a task instance."""
    return _try(call, dag_id, dag_run_id, task_id, -1, task_try_number)


@route("GET", MAPPED + "/tries/{task_try_number}", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_mapped_task_instance_try_details(
    call: Call[NoQuery, None],
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: int,
    task_try_number: int,
) -> TaskTry:
    """Return one try of one instance of a mapped task."""
    return _try(call, dag_id, dag_run_id, task_id, map_index, task_try_number)


def _all_tries(
    conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int
) -> list[TaskTry]:
    row = _row(conn, dag_id, run_id, task_id, map_index)
    spec = task_choice.specs(conn, {row.version_id})[row.version_id].get(task_id)
    return [
        TaskTry(**_common(row, tried, spec), state=tried.state)
        for tried in queries.tries(conn, row.id)
    ]


def _tries(
    call: Call[TriesQuery, None], dag_id: str, run_id: str, task_id: str, map_index: int
) -> TaskTryCollection:
    with call.reading() as conn:
        tries = _all_tries(conn, dag_id, run_id, task_id, map_index)
    found = in_order(tries, call.query.order_by, TRY_ORDERS)
    return TaskTryCollection(cut(call.site, call.query, found), len(found))


def _try(
    call: Call[NoQuery, None], dag_id: str, run_id: str, task_id: str, map_index: int, number: int
) -> TaskTry:
    with call.reading() as conn:
        for tried in _all_tries(conn, dag_id, run_id, task_id, map_index):
            if tried.try_number == number:
                return tried
    raise NotFound(f"task {task_id!r} has no try {number} in run {run_id!r}")


# ------------------------------------------------------------------------------------- notes


@route("PATCH", ONE + "/setNote", may=on_dag(EDIT, TASKS), tag="TaskInstance")
def set_task_instance_note(
    call: Call[NoQuery, NoteBody], dag_id: str, dag_run_id: str, task_id: str
) -> TaskInstance:
    """Write a note to a task instance."""
    return _note(call, dag_id, dag_run_id, task_id, -1)


@route("PATCH", MAPPED + "/setNote", may=on_dag(EDIT, TASKS), tag="TaskInstance")
def set_mapped_task_instance_note(
    call: Call[NoQuery, NoteBody], dag_id: str, dag_run_id: str, task_id: str, map_index: int
) -> TaskInstance:
    """Write a note to one instance of a mapped task."""
    return _note(call, dag_id, dag_run_id, task_id, map_index)


def _note(
    call: Call[NoQuery, NoteBody], dag_id: str, run_id: str, task_id: str, map_index: int
) -> TaskInstance:
    with call.writing() as conn:
        row = _row(conn, dag_id, run_id, task_id, map_index)
        run_actions.set_task_note(conn, row.id, call.body.note)
        detail = {"before": row.note, "after": call.body.note}
        call.audit(
            conn, "task.note", dag_id=dag_id, run_id=run_id, task_id=task_id, map_index=map_index,
            detail=detail,
        )  # fmt: skip
        return _one(conn, dag_id, run_id, task_id, map_index)


# ------------------------------------------------------------------------ clear and mark


class ClearTaskInstances(msgspec.Struct):
    dry_run: bool = True
    task_ids: Names | None = None
    start_date: When | None = None
    end_date: When | None = None
    only_failed: bool = True
    only_running: bool = False
    include_subdags: bool = False
    include_parentdag: bool = False
    reset_dag_runs: bool = False
    dag_run_id: str | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False
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


class UpdateTaskInstancesState(msgspec.Struct):
    task_id: str
    new_state: NewState
    dry_run: bool = True
    execution_date: When | None = None
    dag_run_id: str | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False


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


@route("PATCH", ONE, may=on_dag(EDIT, TASKS), tag="TaskInstance")
def patch_task_instance(
    call: Call[NoQuery, UpdateTaskInstance], dag_id: str, dag_run_id: str, task_id: str
) -> TaskReference:
    """Say how a task instance ended."""
    return _patch(call, dag_id, dag_run_id, task_id, -1)


@route("PATCH", MAPPED, may=on_dag(EDIT, TASKS), tag="TaskInstance")
def patch_mapped_task_instance(
    call: Call[NoQuery, UpdateTaskInstance],
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: int,
) -> TaskReference:
    """Say how one instance of a mapped task ended."""
    return _patch(call, dag_id, dag_run_id, task_id, map_index)


def _patch(
    call: Call[NoQuery, UpdateTaskInstance], dag_id: str, run_id: str, task_id: str, map_index: int
) -> TaskReference:
    with call.writing() as conn:
        row = _row(conn, dag_id, run_id, task_id, map_index)
        choice = task_choice.Choice((run_id,), (task_id,), map_index)
        _mark(call, conn, dag_id, choice, call.body.new_state, dry_run=call.body.dry_run)
    return TaskReference(task_id, dag_id, shown(row.logical_date), run_id)


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


# --------------------------------------------------------------------------------------- why


class FailedDependency(msgspec.Struct):
    name: str
    reason: str


class FailedDependencies(msgspec.Struct):
    dependencies: list[FailedDependency]


@route("GET", ONE + "/dependencies", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instance_dependencies(
    call: Call[NoQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> FailedDependencies:
    """Say why a task instance has not started: the first true cause."""
    return _why(call, dag_id, dag_run_id, task_id, -1)


@route("GET", MAPPED + "/dependencies", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_mapped_task_instance_dependencies(
    call: Call[NoQuery, None], dag_id: str, dag_run_id: str, task_id: str, map_index: int
) -> FailedDependencies:
    """Say why one instance of a mapped task has not started: the first true cause."""
    return _why(call, dag_id, dag_run_id, task_id, map_index)


WAITING = (TaskState.NONE.value, TaskState.SCHEDULED.value)


def _why(
    call: Call[NoQuery, None], dag_id: str, run_id: str, task_id: str, map_index: int
) -> FailedDependencies:
    with call.reading() as conn:
        row = _row(conn, dag_id, run_id, task_id, map_index)
        if row.state not in WAITING:
            return FailedDependencies([])
        world = outlook.world(conn, call.site.conf, [row.dag_run_id])
    task = world.by_id.get(row.id)
    reason = explain.of_task(world, task, call.now) if task else "the task is not in the DAG"
    if reason == explain.FREE:
        return FailedDependencies([])
    return FailedDependencies([FailedDependency("flowctl", reason)])
