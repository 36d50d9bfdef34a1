"""On a disk that is full nothing new starts; what runs goes on, and work goes on with room."""

from flowctl.core import explain
from flowctl.core.states import TaskState
from tests.core.worlds import NOON, dag, end, run_of, step, task, world


def test_on_a_nearly_full_disk_nothing_new_starts() -> None:
    one = dag(task("a"), task("b", "a"))
    it = world(one)
    run = run_of(one, a=TaskState.RUNNING)
    it.put_run(run)
    it.full_disks = ("home", "logs")
    end(it, run.task("a"))
    step(it)

    waits = run.task("b").state
    reason = explain.of_task(it, run.task("b"), NOON)
    it.full_disks = ()
    step(it)

    assert waits is TaskState.SCHEDULED
    assert reason == (
        "the disk with home and logs is full: nothing new starts until there is room on it"
    )
    assert run.task("b").state is TaskState.QUEUED
