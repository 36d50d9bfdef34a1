"""Why a task instance has not started, or stands as it does."""

import msgspec

from flowctl.core import explain
from flowctl.core.states import TaskState
from flowctl.executors import outlook
from flowctl.store.roles import READ
from flowctl.web.api.task_instances import MAPPED, ONE, TASKS, row_of
from flowctl.web.call import Call
from flowctl.web.paging import Number
from flowctl.web.reading import When, shown
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


class Explanation(msgspec.Struct):
    """Why a task instance stands as it does, in one sentence."""

    state: TaskState
    reason: str
    held_by: str | None = None  # who holds it, or its run
    held_why: str | None = None
    held_until: When | None = None
    expected_at: When | None = None  # of one that waits, where its history tells
    expected_from_runs: int | None = None  # so many runs tell


class ExplainQuery(msgspec.Struct):
    map_index: Number = -1


@route("GET", ONE + "/explain", may=on_dag(READ, TASKS), tag="View")
def get_explanation(
    call: Call[ExplainQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> Explanation:
    """Say why a task instance waits, was skipped, failed, or what it does: the first true cause."""
    with call.reading() as conn:
        row = row_of(conn, dag_id, dag_run_id, task_id, call.query.map_index)
        world = outlook.world(conn, call.site.conf, [row.dag_run_id])
        task = world.by_id.get(row.id)
        expected = outlook.expected(conn, world, task, call.now) if task else None
    if task is None:
        return Explanation(row.state, "the task is no longer in the DAG")
    said = Explanation(row.state, explain.of_task(world, task, call.now, row.reason))
    if expected is not None:
        said.expected_at, said.expected_from_runs = shown(expected.start), expected.runs
    hold = task.run.hold or task.hold
    if hold is not None:
        said.held_by, said.held_why, said.held_until = hold.by, hold.why or None, shown(hold.until)
    return said
