"""When a waiting task is expected to start: from how long the tasks take that it awaits."""

from datetime import timedelta
from typing import Any

import pytest

from flowctl.core import prospect
from flowctl.core.prospect import Expected, History
from flowctl.core.run import Hold
from flowctl.core.spec import TaskSpec
from flowctl.core.states import TaskState
from tests.core.worlds import NOON, dag, run_of, step, task, world

MINUTE = timedelta(minutes=1)


def minutes_until(
    task_id: str, *tasks: TaskSpec, took: dict[str, int], **states: TaskState
) -> int | None:
    """Return in how many minutes a task is expected, of a run whose first one began at noon."""
    one = dag(*tasks)
    it = world(one, small=1)
    first = one.graph.spec.tasks[0].task_id
    all_states: dict[str, Any] = {first: TaskState.RUNNING, **states}
    run = run_of(one, **all_states)
    it.put_run(run)
    step(it)
    history = History(
        {("d", name): minutes * MINUTE for name, minutes in took.items()},
        {run.task(first).id: NOON},
    )
    found = prospect.start(it, run.task(task_id), history, NOON + MINUTE)
    return None if found is None else round((found - NOON) / MINUTE)


def test_it_starts_when_the_last_of_those_before_it_has_ended() -> None:
    tasks = task("a"), task("b", "a"), task("c", "a"), task("d", "b", "c")

    assert minutes_until("d", *tasks, took={"a": 10, "b": 5, "c": 7}) == 17


def test_one_that_needs_one_success_starts_after_the_first() -> None:
    tasks = task("a"), task("b"), task("c", "a", "b", trigger_rule="one_success")

    assert minutes_until("c", *tasks, took={"a": 10, "b": 3}, b=TaskState.QUEUED) == 4


def test_what_runs_longer_than_usual_ends_any_moment() -> None:
    tasks = task("a"), task("b", "a")
    it = dag(*tasks)
    run = run_of(it, a=TaskState.RUNNING)
    known = world(it)
    known.put_run(run)
    history = History({("d", "a"): MINUTE}, {run.task("a").id: NOON})

    assert prospect.start(known, run.task("b"), history, NOON + 9 * MINUTE) == NOON + 9 * MINUTE


def test_one_that_waits_for_room_starts_when_the_first_leaves_it() -> None:
    tasks = task("a", pool="small"), task("b", pool="small")

    assert minutes_until("b", *tasks, took={"a": 10}) == 10


def test_the_second_in_line_for_the_only_slot_is_not_foreseen() -> None:
    tasks = [task("a", pool="small"), task("b", pool="small", priority_weight=2)]
    tasks.append(task("c", pool="small"))

    assert minutes_until("b", *tasks, took={"a": 10, "b": 1}) == 10
    assert minutes_until("c", *tasks, took={"a": 10, "b": 1}) is None


@pytest.mark.parametrize("rule", ["one_failed", "all_skipped"])
def test_a_rule_that_hopes_for_failures_foresees_nothing(rule: str) -> None:
    tasks = task("a"), task("b", "a", trigger_rule=rule)

    assert minutes_until("b", *tasks, took={"a": 10}) is None


def test_without_a_history_nothing_is_foreseen() -> None:
    assert minutes_until("b", task("a"), task("b", "a"), took={}) is None


def test_what_a_person_holds_is_not_foreseen() -> None:
    one = dag(task("a"), task("b", "a"))
    run = run_of(one, a=TaskState.RUNNING)
    run.task("b").hold = Hold("ann")
    it = world(one)
    it.put_run(run)
    history = History({("d", "a"): MINUTE}, {run.task("a").id: NOON})

    assert prospect.start(it, run.task("b"), history, NOON) is None


def test_too_many_to_ask_are_not_asked() -> None:
    first = [task(f"t{at}") for at in range(prospect.AWAITED_MAX + 1)]
    one = dag(*first, task("last", *(spec.task_id for spec in first)))
    run = run_of(one)
    it = world(one)
    it.put_run(run)

    assert prospect.awaited(it, run.task("last")) == []


def test_it_is_said_in_words() -> None:
    assert Expected(NOON, 10).said == "expected about 2024-01-01 12:00 UTC, from the last 10 runs"
    assert Expected(NOON, 1).said == "expected about 2024-01-01 12:00 UTC, from the last run"
