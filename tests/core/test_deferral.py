"""What the scheduler decides about tasks that are deferred."""

from datetime import timedelta
from typing import Any

import pytest

from flowctl.core import explain
from flowctl.core.deferral import Deferral, waits_until
from flowctl.core.run import Run, Task
from flowctl.core.states import TaskState
from flowctl.core.usage import Pool
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, end, names, run_of, states, step, task, world

HOUR = timedelta(hours=1)
BELL = Deferral("bells.Bell", method="wake", timeout=HOUR)


def deferred(
    *others: str, pool: Pool | None = None, until: timedelta | None = HOUR
) -> tuple[World, Run, Task]:
    """Return a world whose task `waits` is deferred, and others that wait for nothing."""
    one = dag(task("waits", pool="p"), *(task(other, pool="p") for other in others))
    it = world(one)
    it.pools["p"] = pool or Pool("p", 1)
    nothing: dict[str, Any] = dict.fromkeys(others, TaskState.NONE)
    run = run_of(one, **nothing)
    it.put_run(run)
    step(it)
    waits = run.task("waits")
    end(
        it,
        waits,
        TaskState.DEFERRED,
        retry_at=None if until is None else NOON + until,
        waiting_since=NOON,
        next_method="wake",
    )
    return it, run, waits


def test_a_deferred_task_holds_nothing_and_is_left_alone() -> None:
    it, run, _ = deferred(until=None)

    assert (it.usage.total, it.usage.deferred, step(it).is_empty) == (0, 1, True)
    assert states(run) == {"waits": "deferred"}


def test_a_deferred_task_keeps_the_slots_of_a_pool_that_includes_it() -> None:
    it, run, _ = deferred("next", pool=Pool("p", 1, include_deferred=True))
    step(it)

    assert states(run)["next"] == "scheduled"
    assert "pool 'p' is full" in explain.of_task(it, run.task("next"), NOON)


def test_in_other_pools_it_makes_room() -> None:
    it, run, _ = deferred("next")
    step(it)

    assert states(run)["next"] == "queued"


@pytest.mark.parametrize("pool", [Pool("p", 1), Pool("p", 1, include_deferred=True)])
def test_once_its_time_is_over_it_goes_on_with_its_try(pool: Pool) -> None:
    """Also when the only slot of its pool is the one that it keeps itself."""
    it, run, waits = deferred(pool=pool)
    assert step(it).next_look == NOON + HOUR

    (move,) = step(it, NOON + HOUR).starts

    assert (move.resumes, move.try_number) == (True, 2)
    assert (waits.shown_try, waits.next_method) == (1, "wake")
    assert (it.usage.deferred, states(run)) == (0, {"waits": "queued"})


def test_what_its_trigger_brought_lets_it_go_on_with_its_try() -> None:
    """The triggerer moved it to SCHEDULED, and the run was read again."""
    it, _, waits = deferred()
    it.change(waits, TaskState.SCHEDULED)

    (move,) = step(it).starts

    assert (move.resumes, waits.next_method) == (True, "wake")


def test_a_retry_after_it_begins_from_the_start() -> None:
    it, _, waits = deferred()
    it.change(waits, TaskState.SCHEDULED)
    step(it)
    end(it, waits, TaskState.UP_FOR_RETRY, retry_at=NOON)

    (move,) = step(it).starts

    assert (move.resumes, waits.next_method, waits.shown_try) == (False, None, 2)


def test_a_task_may_begin_deferred_although_the_executor_is_full() -> None:
    one = dag(task("early", start_trigger=BELL, execution_timeout=HOUR / 2))
    it = world(one, parallelism=0)
    run = run_of(one)
    it.put_run(run)

    plan = step(it)

    early = run.task("early")
    assert (early.state, early.try_number, early.resumed) == (TaskState.DEFERRED, 1, 0)
    assert (early.waiting_since, early.next_method) == (NOON, "wake")
    assert early.retry_at == plan.next_look == NOON + HOUR / 2
    assert plan.starts == []


def test_it_begins_deferred_only_where_the_pool_has_room_for_it() -> None:
    one = dag(task("early", start_trigger=BELL, pool="p"), task("runs", pool="p"))
    it = world(one)
    it.pools["p"] = Pool("p", 0, include_deferred=True)
    run = run_of(one)
    it.put_run(run)
    step(it)
    assert states(run) == {"early": "scheduled", "runs": "scheduled"}

    it.pools["p"] = Pool("p", 1, include_deferred=True)
    step(it)

    assert sorted(states(run).values()) == ["deferred", "scheduled"]


def test_a_task_of_a_paused_dag_does_not_begin_deferred() -> None:
    one = dag(task("early", start_trigger=BELL))
    one.is_paused = True
    it = world(one)
    run = run_of(one)
    it.put_run(run)
    step(it)
    assert states(run) == {"early": "scheduled"}

    one.is_paused = False
    it.put_dag(one)
    step(it)

    assert states(run) == {"early": "deferred"}


@pytest.mark.parametrize(
    ("own", "execution", "minutes"),
    [(None, None, None), (60, None, 60), (None, 90, 60), (60, 10, -20), (10, 90, 10)],
)
def test_the_shorter_timeout_ends_the_waiting(
    own: int | None, execution: int | None, minutes: int | None
) -> None:
    """`execution_timeout` counts from the beginning of the try, half an hour ago."""

    def span(given: int | None) -> timedelta | None:
        return None if given is None else timedelta(minutes=given)

    found = waits_until(Deferral("b", timeout=span(own)), NOON, NOON - HOUR / 2, span(execution))

    assert found == (None if minutes is None else NOON + timedelta(minutes=minutes))


def test_a_timeout_beyond_the_calendar_is_for_ever() -> None:
    found = waits_until(Deferral("b", timeout=timedelta.max), NOON, NOON, None)

    assert found is not None
    assert found.year == 9999


def test_names_of_what_starts_are_those_of_others() -> None:
    """A task that begins deferred is no start."""
    one = dag(task("early", start_trigger=BELL), task("runs"))
    it = world(one)
    it.put_run(run_of(one))

    assert names(it, step(it)) == ["runs"]
