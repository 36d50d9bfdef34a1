"""Which updates of assets make a DAG due."""

from typing import Any

import pytest

from flowctl.core.assets import Condition, expression, is_met, keys, progress
from flowctl.core.dag import Dag
from flowctl.core.spec import ScheduleSpec
from flowctl.core.states import RunState
from tests.core.worlds import dag, run_of, step, task, world

A, B, C = (Condition("asset", uri) for uri in "abc")
UPDATES = {
    "a": {("asset", "a"), ("name", "first"), ("alias", "all of them")},
    "b": {("asset", "b"), ("name", "second"), ("alias", "all of them")},
}


def every(*parts: Condition) -> Condition:
    return Condition("all", parts=parts)


def some(*parts: Condition) -> Condition:
    return Condition("any", parts=parts)


TRUTH = [  # condition: met by nothing, by a, by b, by both
    (A, False, True, False, True),
    (every(A, B), False, False, False, True),
    (some(A, B), False, True, True, True),
    (every(A, some(B, C)), False, False, False, True),
    (some(every(A, B), C), False, False, False, True),
    (every(A, C), False, False, False, False),
    (Condition("name", "second"), False, False, True, True),
    (Condition("alias", "all of them"), False, True, True, True),
    (every(), False, True, True, True),
]


@pytest.mark.parametrize(("condition", "nothing", "a", "b", "both"), TRUTH)
def test_a_condition_is_met(
    condition: Condition, nothing: bool, a: bool, b: bool, both: bool
) -> None:
    """An asset is meant by its URI, by its name, or by an alias; nothing new meets nothing."""
    found = [set(), UPDATES["a"], UPDATES["b"], UPDATES["a"] | UPDATES["b"]]

    assert [is_met(condition, updated) for updated in found] == [nothing, a, b, both]


def test_a_condition_is_shown_as_airflow_shows_it() -> None:
    """Its leaves are counted for the hint, each once."""
    condition = some(every(A, B), A, Condition("alias", "x"))

    assert expression(condition) == {"any": [{"all": ["a", "b"]}, "a", {"alias": "x"}]}
    assert keys(condition) == (("asset", "a"), ("asset", "b"), ("alias", "x"))
    assert progress(condition, UPDATES["b"]) == (1, 3)


def waiting(condition: Condition, **options: Any) -> Dag:
    schedule = ScheduleSpec("assets", condition=condition)
    return dag(task("t"), schedule=schedule, **options)


def test_a_dag_runs_once_its_assets_are_updated() -> None:
    """One run takes all that is new; afterwards nothing is."""
    of = world(waiting(every(A, B)))
    of.put_news({"d": UPDATES["a"]})
    assert step(of).asset_runs == []

    of.put_news({"d": UPDATES["a"] | UPDATES["b"]})
    assert step(of).asset_runs == ["d"]
    assert step(of).asset_runs == []


def test_what_is_new_waits_while_a_dag_is_paused_or_has_enough_runs() -> None:
    """Nothing is lost: the run comes as soon as it may."""
    one = waiting(A, max_active_runs=1)
    of = world(one)
    under_way = run_of(one)
    of.put_run(under_way)
    of.put_news({"d": UPDATES["a"]})
    assert step(of).asset_runs == []

    one.is_paused = True
    of.change_run(under_way, RunState.SUCCESS, under_way.logical_date)
    of.put_dag(one)
    assert step(of).asset_runs == []

    one.is_paused = False
    of.put_dag(one)
    assert step(of).asset_runs == ["d"]


def test_a_new_version_of_a_dag_is_held_against_what_is_new() -> None:
    """An asset taken out of the condition no longer keeps the run."""
    of = world(waiting(every(A, B)))
    of.put_news({"d": UPDATES["a"]})
    of.put_dag(waiting(A))

    assert step(of).asset_runs == ["d"]
