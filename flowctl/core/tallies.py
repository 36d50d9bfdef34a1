"""How do the tasks before a task stand? Counts, kept up as they end.

`Run.upstream` counts those that all instances of a task share, `Task.inner` those of its own index.
"""

from collections.abc import Iterable, Iterator

from flowctl.core.run import Run, Task
from flowctl.core.states import FINISHED, TaskState
from flowctl.core.trigger_rules import Upstream, asks_nothing


def counts(parents: Iterable[Task]) -> Upstream:
    """Count upstream tasks, and the setups among them."""
    setups = [task.spec.is_setup for task in parents]
    return Upstream(len(setups), setups=sum(setups))


def tally(counted: Upstream, task: Task, state: TaskState, by: int) -> None:
    """Add `by` to the count of a finished upstream task's state."""
    setattr(counted, state.value, getattr(counted, state.value) + by)
    if task.spec.is_setup and state is TaskState.SUCCESS:
        counted.setups_success += by
    elif task.spec.is_setup and state is TaskState.SKIPPED:
        counted.setups_skipped += by


def tell_downstream(task: Task, by: int) -> None:
    """Count a task that has ended in all tasks after it; with -1 no more."""
    run = task.run
    task_id, inner = task.spec.task_id, run.graph.inner
    for child in run.graph.downstream.get(task_id, ()):
        if task_id in inner.get(child, ()):
            for other in run.after(child, task):
                if other.inner is not None:
                    tally(other.inner, task, task.state, by)
        elif (shared := run.upstream.get(child)) is not None:
            tally(shared, task, task.state, by)


def outer(run: Run, task_id: str) -> Iterator[Task]:
    """Yield the instances of upstream tasks that count for all instances of a task."""
    inner = run.graph.inner.get(task_id, ())
    for parent in run.tasks[task_id][0].spec.upstream:
        if parent not in inner:
            yield from run.tasks.get(parent, ())


def count_inner(run: Run, instances: Iterable[Task]) -> None:
    """Count anew, for each of these instances, those before it of which its own index counts."""
    for task in instances:
        inner = run.graph.inner.get(task.spec.task_id)
        if inner is None:
            return
        others = [other for parent in inner for other in run.before(parent, task)]
        task.inner = counts(others)
        for other in others:
            if other.state in FINISHED:
                tally(task.inner, other, other.state, 1)


def only_waits(task: Task) -> bool:
    """Say whether a task cannot do anything yet, since nothing at all before it has ended.

    It may say no of one that cannot, either. With this the first look at a run costs as much as
    it has beginnings.
    """
    run, task_id = task.run, task.spec.task_id
    if task_id in run.graph.setups or task_id in run.graph.sources:
        return False
    shared, rule = run.upstream[task_id], task.spec.trigger_rule
    done = shared.done + (task.inner.done if task.inner is not None else 0)
    total = shared.total + (task.inner.total if task.inner is not None else 0)
    return total > 0 and done == 0 and not asks_nothing(rule)
