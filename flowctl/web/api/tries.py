"""The tries of task instances."""

from typing import Annotated

from sqlalchemy import Connection

from flowctl.store.queries import tasks as queries
from flowctl.store.roles import READ
from flowctl.web.api import task_choice
from flowctl.web.api.task_instances import (
    MAPPED,
    ONE,
    TASKS,
    TaskTry,
    TaskTryCollection,
    common_of,
    row_of,
)
from flowctl.web.call import Call
from flowctl.web.paging import Page, cut, in_order, order_of
from flowctl.web.problems import NotFound
from flowctl.web.routes import NoQuery, on_dag, route

TRY_ORDERS = {name: name for name in ("try_number", "start_date", "end_date", "state")} | {
    "id": "try_number"
}


class TriesQuery(Page, kw_only=True):
    order_by: Annotated[str, order_of(TRY_ORDERS)] = "try_number"


@route("GET", MAPPED + "/tries", may=on_dag(READ, TASKS), tag="TaskInstance",
       name="get_mapped_task_instance_tries")  # fmt: skip
@route("GET", ONE + "/tries", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instance_tries(
    call: Call[TriesQuery, None], dag_id: str, dag_run_id: str, task_id: str, map_index: int = -1
) -> TaskTryCollection:
    """List the tries of a task instance; of a mapped task, those of one of its instances."""
    with call.reading() as conn:
        tries = _tries(conn, dag_id, dag_run_id, task_id, map_index)
    found = in_order(tries, call.query.order_by, TRY_ORDERS)
    return TaskTryCollection(cut(call.site, call.query, found), len(found))


@route("GET", MAPPED + "/tries/{task_try_number}", may=on_dag(READ, TASKS), tag="TaskInstance",
       name="get_mapped_task_instance_try_details")  # fmt: skip
@route("GET", ONE + "/tries/{task_try_number}", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instance_try_details(
    call: Call[NoQuery, None],
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    task_try_number: int,
    map_index: int = -1,
) -> TaskTry:
    """Return one try of a task instance; of a mapped task, of one of its instances."""
    with call.reading() as conn:
        for tried in _tries(conn, dag_id, dag_run_id, task_id, map_index):
            if tried.try_number == task_try_number:
                return tried
    raise NotFound(f"task {task_id!r} has no try {task_try_number} in run {dag_run_id!r}")


def _tries(
    conn: Connection, dag_id: str, run_id: str, task_id: str, map_index: int
) -> list[TaskTry]:
    row = row_of(conn, dag_id, run_id, task_id, map_index)
    spec = task_choice.specs(conn, {row.version_id})[row.version_id].get(task_id)
    return [
        TaskTry(**common_of(row, tried, spec), state=tried.state)
        for tried in queries.tries(conn, row.id)
    ]
