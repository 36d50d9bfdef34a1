"""The tasks of a DAG, as its file defines them."""

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection

from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.store.queries import dags as queries
from flowctl.store.roles import READ
from flowctl.web.api.dags import params_of
from flowctl.web.api.shapes import TimeDelta
from flowctl.web.call import Call
from flowctl.web.paging import in_order, order_of
from flowctl.web.problems import NotFound
from flowctl.web.reading import When, shown
from flowctl.web.routes import NoQuery, on_dag, route


class ClassReference(msgspec.Struct):
    module_path: str
    class_name: str


class Task(msgspec.Struct, kw_only=True):
    """One task of a DAG."""

    class_ref: ClassReference
    task_id: str
    task_display_name: str
    operator_name: str
    owner: str
    start_date: When | None
    end_date: When | None
    trigger_rule: str
    extra_links: list[Any] = []
    depends_on_past: bool
    is_mapped: bool
    wait_for_downstream: bool
    retries: float
    queue: str | None
    executor: str | None
    pool: str
    pool_slots: float
    execution_timeout: TimeDelta | None
    retry_delay: TimeDelta | None
    retry_exponential_backoff: bool
    priority_weight: float
    weight_rule: str
    ui_color: str
    ui_fgcolor: str
    template_fields: list[str]
    downstream_task_ids: list[str]
    doc_md: str | None
    params: dict[str, Any]


class TaskCollection(msgspec.Struct):
    tasks: list[Task]
    total_entries: int


class TasksQuery(msgspec.Struct):
    order_by: Annotated[str, order_of(Task.__struct_fields__)] = "task_id"


@route("GET", "/dags/{dag_id}/tasks", may=on_dag(READ, "Task Instances"), tag="DAG")
def get_tasks(call: Call[TasksQuery, None], dag_id: str) -> TaskCollection:
    """List the tasks of a DAG."""
    with call.reading() as conn:
        spec = _spec(conn, dag_id)
    found = [_task(spec, one) for one in spec.tasks]
    fields = {name: name for name in Task.__struct_fields__}
    return TaskCollection(in_order(found, call.query.order_by, fields), len(found))


@route("GET", "/dags/{dag_id}/tasks/{task_id}", may=on_dag(READ, "Task Instances"), tag="DAG")
def get_task(call: Call[NoQuery, None], dag_id: str, task_id: str) -> Task:
    """Return a task of a DAG."""
    with call.reading() as conn:
        spec = _spec(conn, dag_id)
    for one in spec.tasks:
        if one.task_id == task_id:
            return _task(spec, one)
    raise NotFound(f"DAG {dag_id!r} has no task {task_id!r}")


def _spec(conn: Connection, dag_id: str) -> DagSpec:
    found = queries.spec(conn, dag_id)
    if found is None:
        raise NotFound(f"there is no DAG {dag_id!r}")
    return found


def _task(spec: DagSpec, one: TaskSpec) -> Task:
    def duration(value: timedelta | None) -> TimeDelta | None:
        return None if value is None else TimeDelta.of(value)

    return Task(
        class_ref=ClassReference(one.module, one.operator),
        task_id=one.task_id,
        task_display_name=one.display_name or one.task_id,
        operator_name=one.operator,
        owner=one.owner,
        start_date=shown(one.start_date or spec.start_date),
        end_date=shown(one.end_date or spec.end_date),
        trigger_rule=one.trigger_rule,
        depends_on_past=one.depends_on_past,
        is_mapped=is_mapped(spec, one),
        wait_for_downstream=one.wait_for_downstream,
        retries=one.retries,
        queue=one.queue,
        executor=one.executor,
        pool=one.pool,
        pool_slots=one.pool_slots,
        execution_timeout=duration(one.execution_timeout),
        retry_delay=duration(one.retry_delay),
        retry_exponential_backoff=bool(one.retry_exponential_backoff),
        priority_weight=one.priority_weight,
        weight_rule=one.weight_rule,
        ui_color=one.ui_color,
        ui_fgcolor=one.ui_fgcolor,
        template_fields=list(one.template_fields),
        downstream_task_ids=sorted(t.task_id for t in spec.tasks if one.task_id in t.upstream),
        doc_md=one.doc_md,
        params=params_of({**spec.params, **one.params}),
    )


def is_mapped(spec: DagSpec, task: TaskSpec) -> bool:
    """Say whether a task has several instances in a run: its own, or those of a group around it."""
    groups = {group.group_id: group for group in spec.groups}
    group = groups.get(task.group or "")
    while group is not None and group.length is None:
        group = groups.get(group.parent or "")
    return task.length is not None or group is not None
