"""Why a task instance has not started."""

import msgspec

from flowctl.core import explain
from flowctl.core.states import TaskState
from flowctl.executors import outlook
from flowctl.store.roles import READ
from flowctl.web.api.task_instances import MAPPED, ONE, TASKS, row_of
from flowctl.web.call import Call
from flowctl.web.routes import NoQuery, on_dag, route


class FailedDependency(msgspec.Struct):
    name: str
    reason: str


class FailedDependencies(msgspec.Struct):
    dependencies: list[FailedDependency]


WAITING = (TaskState.NONE.value, TaskState.SCHEDULED.value)


@route("GET", MAPPED + "/dependencies", may=on_dag(READ, TASKS), tag="TaskInstance",
       name="get_mapped_task_instance_dependencies")  # fmt: skip
@route("GET", ONE + "/dependencies", may=on_dag(READ, TASKS), tag="TaskInstance")
def get_task_instance_dependencies(
    call: Call[NoQuery, None], dag_id: str, dag_run_id: str, task_id: str, map_index: int = -1
) -> FailedDependencies:
    """Say why a task instance has not started, or one of a mapped task: the first true cause."""
    with call.reading() as conn:
        row = row_of(conn, dag_id, dag_run_id, task_id, map_index)
        if row.state not in WAITING:
            return FailedDependencies([])
        world = outlook.world(conn, call.site.conf, [row.dag_run_id])
    task = world.by_id.get(row.id)
    reason = explain.of_task(world, task, call.now) if task else "the task is not in the DAG"
    if reason == explain.FREE:
        return FailedDependencies([])
    return FailedDependencies([FailedDependency("flowctl", reason)])
