"""A run that only waits for the one before gives its place to it."""

from datetime import timedelta
from typing import Any

from flowctl.core.run import Run
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, end, names, play, run_of, states, step, task, world

DAY = timedelta(days=1)


def two_runs(*, limit: int = 1, **of_the_later: Any) -> tuple[World, Run, Run]:
    """Return a cleared run that waits for a place, and the next one, which has the only one."""
    of = dag(task("a", depends_on_past=True), task("b", "a"), task("c"), max_active_runs=limit)
    earlier = run_of(of, RunState.QUEUED, logical_date=NOON - 2 * DAY, c=TaskState.SUCCESS)
    later = run_of(of, logical_date=NOON - DAY, previous=earlier, **of_the_later)
    made = world(of)
    made.put_run(earlier)
    made.put_run(later)
    return made, earlier, later


def test_a_cleared_run_takes_the_place_of_the_one_that_waits_for_it() -> None:
    """Else both would wait for ever. The limit holds throughout: the place is free, then taken.

    In one plan a person who changes the later run in that moment would leave both under way.
    """
    made, earlier, later = two_runs(c=TaskState.SUCCESS)

    plan = step(made)
    (back,) = plan.run_moves
    assert (back.run_pk, back.new) == (later.pk, RunState.QUEUED)
    assert back.reason == f"it waits for the run before, {earlier.run_id}, and makes way for it"
    assert (plan.starts, plan.next_look) == ([], NOON)
    (begun,) = step(made).run_moves
    assert (begun.run_pk, begun.new) == (earlier.pk, RunState.RUNNING)

    end(made, earlier.tasks["a"][0])
    play(made)
    assert states(earlier) == states(later) == {"a": "success", "b": "success", "c": "success"}
    assert earlier.state is later.state is RunState.SUCCESS


def test_a_run_that_has_something_to_do_keeps_its_place_until_it_is_done() -> None:
    made, _earlier, later = two_runs()

    assert names(made, step(made)) == ["c"]
    assert not step(made).run_moves
    end(made, later.tasks["c"][0])
    assert [move.run_pk for move in step(made).run_moves] == [later.pk]


def test_where_there_is_room_nobody_makes_way() -> None:
    made, earlier, _later = two_runs(limit=2, c=TaskState.SUCCESS)

    assert [(move.run_pk, move.new) for move in step(made).run_moves] == [
        (earlier.pk, RunState.RUNNING)
    ]


def test_no_place_is_given_to_a_run_that_cannot_start() -> None:
    """Of a large run not all task instances may be there yet."""
    made, earlier, _later = two_runs(c=TaskState.SUCCESS)
    earlier.is_whole = False

    assert not step(made).run_moves
