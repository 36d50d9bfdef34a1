"""What a person holds does not start, and says who holds it."""

import pytest

from flowctl.core import explain
from flowctl.core.run import Run
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, run_of, step, task, world


def chain(state: TaskState = TaskState.NONE) -> tuple[World, Run]:
    one = dag(task("a"), task("b", "a"), task("c"))
    it, run = world(one), run_of(one, a=TaskState.SUCCESS, b=state, c=TaskState.SUCCESS)
    return it, run


@pytest.mark.parametrize("state", [TaskState.NONE, TaskState.SCHEDULED])
def test_a_held_task_does_not_start_and_its_run_goes_on(state: TaskState) -> None:
    it, run = chain(state)
    run.task("b").held_by = "ann"
    it.put_run(run)

    step(it)

    assert run.task("b").state is state
    assert run.state is RunState.RUNNING
    assert explain.of_task(it, run.task("b"), NOON) == (
        f"ann holds it; let it go on with: flowctl tasks release d b {run.run_id}"
    )


def test_a_held_run_starts_nothing() -> None:
    it, run = chain()
    run.held_by = "ann"
    it.put_run(run)

    step(it)

    assert run.task("b").state is TaskState.NONE
    assert run.state is RunState.RUNNING
    assert explain.of_task(it, run.task("b"), NOON).startswith("ann holds its run;")


def test_a_held_task_stops_no_other() -> None:
    one = dag(task("a"), task("b"))
    it, run = world(one), run_of(one, a=TaskState.SCHEDULED)
    run.task("a").held_by = "ann"
    it.put_run(run)

    step(it)

    assert run.task("b").state is TaskState.QUEUED


def test_what_is_held_is_still_skipped_with_what_comes_before_it() -> None:
    one = dag(task("a"), task("b", "a"))
    it, run = world(one), run_of(one, a=TaskState.FAILED)
    run.task("b").held_by = "ann"
    it.put_run(run)

    step(it)

    assert run.task("b").state is TaskState.UPSTREAM_FAILED
