"""May a task start, looking at the run before? `depends_on_past` and `wait_for_downstream`.

The run before is the previous one that was not started by hand where the DAG catches up, else the
previous run of any type; the store finds it and sets `Run.previous_pk`.

Source: Airflow 2.10.5, asked about 528 cases (`tests/store/data/past.json`).
"""

from collections.abc import Iterable

from flowctl.core.run import Run, Task
from flowctl.core.states import TaskState
from flowctl.core.world import World

GOOD = (TaskState.SUCCESS, TaskState.SKIPPED)


def blocker(task: Task, world: World) -> str | None:
    """Say why the run before does not let `task` start, or None if it does."""
    spec, run = task.spec, task.run
    if not spec.depends_on_past or run.previous_pk is None:
        return None
    previous = world.runs.get(run.previous_pk)
    if previous is None or not previous.is_whole:
        return "depends_on_past: the scheduler is reading the run before"
    catches_up = run.graph.spec.catchup
    if catches_up and spec.start_date is not None and previous.logical_date < spec.start_date:
        return None
    before = previous.tasks.get(spec.task_id)
    if not before:
        if spec.ignore_first_depends_on_past and spec.task_id not in run.returning:
            return None
        return f"depends_on_past: run {previous.run_id} has no task {spec.task_id!r}"
    bad = _bad(before)
    if bad is not None:
        return (
            f"depends_on_past: {spec.task_id!r} in the run before, {previous.run_id},"
            f" is {bad.state.value}; it must be success or skipped"
        )
    if spec.wait_for_downstream:
        return _downstream_blocker(task, previous)
    return None


def _downstream_blocker(task: Task, run: Run) -> str | None:
    """Look at the tasks that come after `task` now, in the earlier `run`."""
    for child in task.run.graph.downstream.get(task.spec.task_id, ()):
        bad = _bad(run.tasks.get(child, ()))
        if bad is not None:
            return (
                f"wait_for_downstream: {child!r} in the run before, {run.run_id},"
                f" is {bad.state.value}; it must be success or skipped"
            )
    return None


def _bad(instances: Iterable[Task]) -> Task | None:
    return next((task for task in instances if task.state not in GOOD), None)
