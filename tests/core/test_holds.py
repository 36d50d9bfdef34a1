"""What a person holds does not start, and says who holds it."""

from datetime import timedelta

import pytest

from flowctl.core import explain
from flowctl.core.run import Hold, Run
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, run_of, step, task, world

ANN = Hold("ann")
LATER = NOON + timedelta(hours=1)


def chain(state: TaskState = TaskState.NONE) -> tuple[World, Run]:
    one = dag(task("a"), task("b", "a"), task("c"))
    it, run = world(one), run_of(one, a=TaskState.SUCCESS, b=state, c=TaskState.SUCCESS)
    return it, run


@pytest.mark.parametrize("state", [TaskState.NONE, TaskState.SCHEDULED])
def test_a_held_task_does_not_start_and_its_run_goes_on(state: TaskState) -> None:
    it, run = chain(state)
    run.task("b").hold = ANN
    it.put_run(run)

    step(it)

    assert run.task("b").state is state
    assert run.state is RunState.RUNNING
    assert explain.of_task(it, run.task("b"), NOON) == (
        f"ann holds it; let it go on with: flowctl tasks release d b {run.run_id}"
    )


def test_a_held_run_starts_nothing() -> None:
    it, run = chain()
    run.hold = ANN
    it.put_run(run)

    step(it)

    assert run.task("b").state is TaskState.NONE
    assert run.state is RunState.RUNNING
    assert explain.of_task(it, run.task("b"), NOON).startswith("ann holds its run;")


def test_a_held_task_stops_no_other() -> None:
    one = dag(task("a"), task("b"))
    it, run = world(one), run_of(one, a=TaskState.SCHEDULED)
    run.task("a").hold = ANN
    it.put_run(run)

    step(it)

    assert run.task("b").state is TaskState.QUEUED


def test_what_is_held_is_still_skipped_with_what_comes_before_it() -> None:
    one = dag(task("a"), task("b", "a"))
    it, run = world(one), run_of(one, a=TaskState.FAILED)
    run.task("b").hold = ANN
    it.put_run(run)

    step(it)

    assert run.task("b").state is TaskState.UPSTREAM_FAILED


def test_a_hold_says_why_and_until_when() -> None:
    it, run = chain()
    run.task("b").hold = Hold("ann", "the source is down", LATER)
    it.put_run(run)

    assert explain.of_task(it, run.task("b"), NOON).startswith(
        "ann holds it until 2024-01-01 13:00:00 UTC (the source is down); let it go on with:"
    )


@pytest.mark.parametrize("state", [TaskState.NONE, TaskState.SCHEDULED])
def test_the_clock_releases_a_task_at_the_moment_that_was_named(state: TaskState) -> None:
    it, run = chain(state)
    run.task("b").hold = Hold("ann", until=LATER)
    it.put_run(run)

    assert step(it).next_look == LATER
    assert run.task("b").state is state
    plan = step(it, LATER)
    assert [one.ti_id for one in plan.releases] == [run.task("b").id]
    assert plan.next_look == LATER
    step(it, LATER)
    assert run.task("b").state is TaskState.QUEUED
    assert step(it, LATER).is_empty


def test_the_clock_releases_a_run_with_all_its_tasks() -> None:
    one = dag(task("a"), task("b"))
    it, run = world(one), run_of(one)
    run.hold = Hold("ann", until=LATER)
    it.put_run(run)
    step(it)

    step(it, LATER)
    step(it, LATER)

    assert run.hold is None
    assert {one.state for one in run.instances} == {TaskState.QUEUED}


def test_a_run_that_is_forgotten_is_not_released() -> None:
    it, run = chain()
    run.task("b").hold = Hold("ann", until=LATER)
    it.put_run(run)
    it.drop_run(run.pk)

    assert step(it, LATER).releases == []
