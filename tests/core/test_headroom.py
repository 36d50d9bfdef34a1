"""Tasks wait for memory, in line, each with its reason; none waits for ever."""

from typing import Any

import pytest

from flowctl.core import explain
from flowctl.core.headroom import HEAVY_BYTES, Budget, expectation
from flowctl.core.run import Hold, Run
from flowctl.core.states import TaskState
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, end, names, run_of, step, task, world

GIB = 2**30


def hungry(task_id: str, gib: float, **options: Any) -> Any:
    """Return a task that declares so much."""
    return task(task_id, memory_bytes=int(gib * GIB), **options)


def site(*tasks: Any, total: float = 4, available: float = 100) -> tuple[World, Run]:
    """Return a world with a budget and one run of these tasks."""
    of = dag(*tasks)
    made = world(of)
    run = run_of(of)
    made.put_run(run)
    made.memory = Budget(int(total * GIB), int(available * GIB), {})
    return made, run


def why(of: World, run: Run, task_id: str) -> str:
    """Say why a task has not started."""
    return explain.of_task(of, run.tasks[task_id][0], NOON)


def test_eight_of_two_gib_run_in_turn_on_four() -> None:
    """Two at a time; each of the others waits with its numbers and with who is in its way."""
    of, run = site(*(hungry(f"t{at}", 2) for at in range(8)))

    assert names(of, step(of)) == ["t0", "t1"]
    assert why(of, run, "t2") == (
        "waits for memory: needs 2.0 GiB, 0 B free of 4.0 GiB; used by d.t0, d.t1"
    )
    assert why(of, run, "t3") == "waits for memory, in line after d.t2"
    end(of, run.tasks["t1"][0])
    assert names(of, step(of)) == ["t2"]
    started = {"t0", "t1", "t2"}
    while len(started) < 8:
        busy = [one for one in run.instances if one.state is TaskState.QUEUED]
        assert len(busy) == 2
        end(of, busy[0])
        started.update(names(of, step(of)))


def test_what_needs_nothing_is_not_held_up() -> None:
    """Nor does it count."""
    of, _ = site(hungry("a", 4), hungry("b", 4), task("small"), task("other"))

    assert names(of, step(of)) == ["a", "small", "other"]


def test_what_needs_more_than_all_runs_alone() -> None:
    """And nothing that needs memory beside it; it does not wait for ever."""
    of, run = site(hungry("a", 1), hungry("huge", 9), hungry("b", 1))

    assert names(of, step(of)) == ["a", "b"]
    assert why(of, run, "huge") == (
        "waits to run alone: needs 9.0 GiB of memory, of 4.0 GiB in all; used by d.a, d.b"
    )
    for name in ("a", "b"):
        end(of, run.tasks[name][0])
    assert names(of, step(of)) == ["huge"]


def test_smaller_ones_do_not_pass_one_that_waits() -> None:
    """Else a stream of them would keep it waiting for ever."""
    of, run = site(hungry("first", 2), hungry("big", 4, priority_weight=5), hungry("late", 1))
    of.change(run.tasks["first"][0], TaskState.RUNNING)

    assert names(of, step(of)) == ["late"]  # it came at the same time; the line forms now
    end(of, run.tasks["late"][0], TaskState.NONE)
    assert names(of, step(of)) == []
    assert why(of, run, "late") == "waits for memory, in line after d.big"
    end(of, run.tasks["first"][0])
    assert names(of, step(of)) == ["big"]


def test_one_that_is_held_holds_up_nobody() -> None:
    """Whoever held it knows why."""
    of, run = site(hungry("first", 2), hungry("big", 4), hungry("late", 1))
    of.change(run.tasks["first"][0], TaskState.RUNNING)
    of.change(run.tasks["big"][0], TaskState.SCHEDULED)
    run.tasks["big"][0].hold = Hold("ann")

    assert names(of, step(of)) == ["late"]


def test_what_others_take_of_the_machine_counts() -> None:
    """There must be as much as those under way may still take, and what the task needs."""
    of, run = site(hungry("a", 2), hungry("b", 2), total=64, available=5)
    of.change(run.tasks["a"][0], TaskState.RUNNING)
    a = run.tasks["a"][0].id

    of.memory = Budget(64 * GIB, 3 * GIB, {})
    assert names(of, step(of)) == []
    assert "1.0 GiB free of 64.0 GiB" in why(of, run, "b")
    of.memory = Budget(64 * GIB, 3 * GIB, {a: 2 * GIB})
    assert names(of, step(of)) == ["b"]


def test_one_that_takes_more_than_expected_counts_with_that() -> None:
    """What was seen lately is no promise."""
    of, run = site(hungry("a", 1), hungry("b", 2))
    of.change(run.tasks["a"][0], TaskState.RUNNING)
    of.memory = Budget(4 * GIB, 100 * GIB, {run.tasks["a"][0].id: 3 * GIB})

    assert names(of, step(of)) == []


def test_a_task_that_declares_nothing_counts_with_what_it_took() -> None:
    """From its next attempt on; what it declares comes first."""
    of, run = site(task("a"), task("b"), hungry("c", 1))
    of.learn(run.tasks["a"][0], 3 * GIB)
    of.learn(run.tasks["c"][0], 3 * GIB)
    of.put_run(run)

    assert [run.tasks[name][0].expected_bytes for name in "abc"] == [3 * GIB, 0, GIB]


@pytest.mark.parametrize(
    ("before", "peak", "after"),
    [
        (0, HEAVY_BYTES - 1, 0),
        (0, HEAVY_BYTES, HEAVY_BYTES),
        (8 * GIB, GIB, 4 * GIB),
        (GIB, 8 * GIB, 8 * GIB),
        (HEAVY_BYTES, 0, 0),
    ],
)
def test_what_is_expected_follows_what_was_seen(before: int, peak: int, after: int) -> None:
    """Up at once, down by halves."""
    assert expectation(before, peak) == after
