"""May a task start, looking at the run before? `depends_on_past` and `wait_for_downstream`.

Source: Airflow 2.10's documented behaviour. The run before is the previous scheduled run where the
DAG catches up, else the previous run of any type; the store finds it and sets `Run.previous_pk`.
"""

from flowctl.core.states import TaskState
from flowctl.core.world import Task, World

GOOD = (TaskState.SUCCESS, TaskState.SKIPPED)


def blocker(task: Task, world: World) -> str | None:
    """Say why the run before does not let `task` start, or None if it does."""
    spec, run = task.spec, task.run
    if not spec.depends_on_past or run.previous_pk is None:
        return None
    previous = world.runs.get(run.previous_pk)
    if previous is None:
        return None
    if spec.start_date is not None and previous.logical_date < spec.start_date:
        return None
    before = previous.tasks.get(spec.task_id)
    if before is None:
        if spec.ignore_first_depends_on_past:
            return None
        return f"depends_on_past: run {previous.run_id} has no task {spec.task_id!r}"
    if before.state not in GOOD:
        return (
            f"depends_on_past: {spec.task_id!r} in the run before, {previous.run_id},"
            f" is {before.state.value}; it must be success or skipped"
        )
    if spec.wait_for_downstream:
        return _downstream_blocker(before)
    return None


def _downstream_blocker(before: Task) -> str | None:
    run = before.run
    for child in run.graph.downstream.get(before.spec.task_id, ()):
        other = run.tasks.get(child)
        if other is not None and other.state not in GOOD:
            return (
                f"wait_for_downstream: {child!r} in the run before, {run.run_id},"
                f" is {other.state.value}; it must be success or skipped"
            )
    return None
