"""Task instances: lists, tries, notes, clear, mark, and why they wait."""

from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection

from flowctl.authoring.masking import redact
from flowctl.core.spec import TaskSpec
from flowctl.core.states import TaskState
from flowctl.store.queries import listings
from flowctl.store.queries import tasks as queries
from flowctl.store.queries.listings import TaskFilter
from flowctl.store.queries.pages import Page as StorePage
from flowctl.store.roles import READ
from flowctl.web.api import task_choice
from flowctl.web.api.runs import ListForm, require_run, spans_in, spans_of
from flowctl.web.api.shapes import Moments
from flowctl.web.call import Call
from flowctl.web.paging import Names, OrderedPage, order_of, page
from flowctl.web.problems import NotFound
from flowctl.web.reading import When, json_text, shown
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


class ListTaskInstanceForm(ListForm):
    dag_run_ids: Names | None = None
    task_ids: Names | None = None
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
        if not found.total_entries:
            require_task(conn, dag_id, dag_run_id, task_id)
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


@route("GET", MAPPED, may=on_dag(READ, TASKS), tag="TaskInstance", name="get_mapped_task_instance")
@route("GET", ONE, may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instance(
    call: Call[NoQuery, None], dag_id: str, dag_run_id: str, task_id: str, map_index: int = -1
) -> TaskInstance:
    """Return a task instance; of a mapped task, one of its instances."""
    with call.reading() as conn:
        return one_of(conn, dag_id, dag_run_id, task_id, map_index)


def one_of(
    conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int
) -> TaskInstance:
    """Return a task instance; `map_index` is -1 where it is not mapped. Raises NotFound."""
    row = row_of(conn, dag_id, run_id, task_id, map_index)
    return _shown(row, task_choice.specs(conn, {row.version_id})[row.version_id].get(task_id))


def require_task(
    conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int = -1
) -> Any:
    """Return the row of a task instance.

    Raises:
        NotFound: there is none.
    """
    row = queries.one(conn, dag_id, run_id, task_id, map_index)
    if row is None:
        raise NotFound(f"run {run_id!r} has no task {task_id!r}")
    return row


def row_of(conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int) -> Any:
    """Return a task instance as the store has it. Raises NotFound."""
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
        **common_of(row, row, spec),
        state=None if row.state == TaskState.NONE.value else row.state,
        execution_date=shown(row.logical_date),
        rendered_map_index=row.rendered_map_index,
        rendered_fields=row.rendered or {},
        note=row.note,
    )


def common_of(row: Any, tried: Any, spec: TaskSpec | None) -> dict[str, Any]:
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
