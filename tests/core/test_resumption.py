"""A try that waits without a process, and goes on: sensors that look again later."""

from datetime import datetime, timedelta

from flowctl.core import explain
from flowctl.core.run import Run, Task
from flowctl.core.states import TaskState
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, end, names, run_of, states, step, task, world

LATER = NOON + timedelta(minutes=1)
EARLIER = NOON - timedelta(hours=1)


def waiting(*, until: datetime = LATER, retries: int = 1) -> tuple[World, Run, Task]:
    """Return a world whose only task is in its first try, which waits."""
    one = dag(task("looks", retries=retries))
    it = world(one)
    run = run_of(one)
    it.put_run(run)
    step(it)
    looks = run.task("looks")
    end(it, looks, TaskState.UP_FOR_RESCHEDULE, retry_at=until, waiting_since=EARLIER)
    return it, run, looks


def test_a_waiting_task_holds_nothing_until_its_time_comes() -> None:
    it, run, _ = waiting()

    assert (it.usage.total, it.usage.pools["default_pool"]) == (0, 0)
    assert step(it).next_look == LATER
    assert states(run) == {"looks": "up_for_reschedule"}

    assert names(it, step(it, LATER)) == ["looks"]
    assert it.usage.total == 1


def test_going_on_uses_up_no_try() -> None:
    it, _, looks = waiting()
    for _ in range(3):
        step(it, LATER)
        assert (looks.shown_try, looks.shown_max_tries) == (1, 1)
        assert (looks.try_number, looks.waiting_since) == (looks.resumed + 1, EARLIER)
        end(it, looks, TaskState.UP_FOR_RESCHEDULE, retry_at=LATER, waiting_since=EARLIER)

    assert looks.resumed == 3


def test_a_task_that_waits_for_room_still_goes_on_with_its_try() -> None:
    it, run, looks = waiting()
    it.parallelism = 0
    step(it, LATER)
    assert states(run) == {"looks": "scheduled"}
    it.parallelism = 1

    (move,) = step(it, LATER).starts

    assert move.resumes
    assert looks.shown_try == 1


def test_a_retry_is_a_new_try() -> None:
    it, _, looks = waiting()
    step(it, LATER)
    end(it, looks, TaskState.UP_FOR_RETRY, retry_at=LATER)

    (move,) = step(it, LATER).starts

    assert not move.resumes
    assert (looks.shown_try, looks.shown_max_tries, looks.waiting_since) == (2, 1, None)


def test_what_ends_upstream_does_not_wake_a_task_before_its_time() -> None:
    """Its rule may be met while others before it still run."""
    one = dag(task("a"), task("looks", "a", trigger_rule="always"))
    it = world(one)
    run = run_of(one)
    it.put_run(run)
    step(it)
    end(it, run.task("looks"), TaskState.UP_FOR_RESCHEDULE, retry_at=LATER, waiting_since=NOON)
    end(it, run.task("a"))

    assert names(it, step(it)) == []
    assert names(it, step(it, LATER)) == ["looks"]


def test_it_is_said_what_a_waiting_task_waits_for() -> None:
    it, _, looks = waiting()

    assert explain.of_task(it, looks, NOON) == (
        "try 1 waits until 2024-01-01 12:01:00 UTC for its next look"
    )
    end(it, looks, TaskState.DEFERRED, waiting_since=EARLIER)
    assert explain.of_task(it, looks, NOON) == "try 1 is deferred: it waits for its trigger"


def test_the_cost_of_a_tick_is_not_that_of_what_waits() -> None:
    """A thousand wait, one is due: one is looked at."""
    many = dag(*(task(f"t{n}") for n in range(1000)), max_active_tasks=2000)
    it = world(many, parallelism=2000, default_pool=2000)
    run = run_of(many)
    it.put_run(run)
    step(it)
    for at, one in enumerate(run.instances):
        due = LATER + timedelta(hours=at)
        end(it, one, TaskState.UP_FOR_RESCHEDULE, retry_at=due, waiting_since=NOON)
    step(it)

    plan = step(it, LATER)

    assert names(it, plan) == ["t0"]
    assert plan.next_look == LATER + timedelta(hours=1)
