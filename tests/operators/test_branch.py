"""Branches and short circuits say which tasks are skipped, and what was decided."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.links import chain
from flowctl.authoring.task_group import TaskGroup
from flowctl.operators.branch import BaseBranchOperator
from flowctl.operators.decorators import task
from flowctl.operators.empty import EmptyOperator
from flowctl.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator


class Instance:
    """A running task instance, as far as skipping goes."""

    def __init__(self, running: Any) -> None:
        self.task = running
        self.skipped: set[str] = set()
        self.branch: dict[str, list[str]] | None = None

    def skip_tasks(self, task_ids: Iterable[str], branch: dict[str, list[str]]) -> None:
        self.skipped.update(task_ids)
        self.branch = branch


def ran(decider: Any) -> tuple[Any, Instance]:
    instance = Instance(decider)
    return decider.execute({"ti": instance}), instance


def branching(choice: Any, kind: Callable[..., Any] = BranchPythonOperator) -> Any:
    """Return a task that chooses among a, b (both before `join`), group g and its own follower."""
    with DAG("d", schedule=None):
        decider = kind(task_id="decider", python_callable=lambda: choice)
        a, b, join = (EmptyOperator(task_id=name) for name in ("a", "b", "join"))
        with TaskGroup("g") as group:
            EmptyOperator(task_id="x") >> EmptyOperator(task_id="y")
        chain(decider, [a, b, group])
        [a, b] >> join
        decider >> join
    return decider


@pytest.mark.parametrize(
    ("choice", "skipped", "followed"),
    [
        ("a", {"b", "g.x"}, ["a", "join"]),
        (["a", "b"], {"g.x"}, ["a", "b", "join"]),
        ("g", {"a", "b", "join"}, ["g.x"]),
        (["g", "a"], {"b"}, ["a", "g.x", "join"]),
        ("join", {"a", "b", "g.x"}, ["join"]),
        ((), {"a", "b", "g.x", "join"}, []),
        (None, {"a", "b", "g.x", "join"}, []),
    ],
)
def test_what_is_not_on_the_chosen_way_is_skipped(
    choice: Any, skipped: set[str], followed: list[str]
) -> None:
    """A task that the chosen branch leads to is followed as well: `join` after "a"."""
    _, instance = ran(branching(choice))

    assert instance.skipped == skipped
    assert instance.branch == {"followed": followed}


def test_the_choice_is_the_result_as_it_was_made() -> None:
    assert ran(branching("a"))[0] == "a"
    assert ran(branching(["g", "a"]))[0] == ["g", "a"]


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("nope", "chose 'nope', which DAG 'd' does not have; its tasks are decider, a"),
        (["a", 3], "a branch chooses a task id"),
        (3, "a branch chooses a task id"),
        ({"a": object()}, None),
    ],
)
def test_a_choice_that_makes_no_sense_is_an_error(choice: Any, words: str | None) -> None:
    if words is None:
        assert ran(branching(choice))[1].skipped == {"b", "g.x"}
        return
    with pytest.raises(AirflowException, match=words):
        ran(branching(choice))


def test_an_operator_of_a_user_may_choose() -> None:
    class Chooser(BaseBranchOperator):
        def choose_branch(self, context: Any) -> str:
            return str(context["wanted"])

    with DAG("d", schedule=None):
        decider = Chooser(task_id="decider")
        decider >> [EmptyOperator(task_id="a"), EmptyOperator(task_id="b")]
    instance = Instance(decider)

    decider.execute({"ti": instance, "wanted": "b"})

    assert instance.skipped == {"a"}


def test_a_decorated_function_may_choose() -> None:
    with DAG("d", schedule=None) as dag:

        @task.branch
        def decider(wanted: str) -> str:
            return wanted

        decider("a") >> [EmptyOperator(task_id="a"), EmptyOperator(task_id="b")]

    assert ran(dag.get_task("decider"))[1].skipped == {"b"}


def circuit(condition: Any, **options: Any) -> Any:
    with DAG("d", schedule=None):
        gate = ShortCircuitOperator(task_id="gate", python_callable=lambda: condition, **options)
        gate >> EmptyOperator(task_id="a") >> EmptyOperator(task_id="b", trigger_rule="all_done")
        gate >> EmptyOperator(task_id="c")
    return gate


def test_a_true_condition_lets_everything_run() -> None:
    result, instance = ran(circuit("yes"))

    assert (result, instance.skipped, instance.branch) == ("yes", set(), None)


def test_a_false_condition_skips_everything_after_it() -> None:
    result, instance = ran(circuit([]))

    assert result == []
    assert instance.skipped == {"a", "b", "c"}
    assert instance.branch == {"skipped": ["a", "b", "c"]}


def test_trigger_rules_may_decide_about_what_is_further_away() -> None:
    _, instance = ran(circuit(0, ignore_downstream_trigger_rules=False))

    assert instance.skipped == {"a", "c"}


def test_branches_are_known_to_the_scheduler_as_such() -> None:
    kinds = (BranchPythonOperator, ShortCircuitOperator, BaseBranchOperator, PythonOperator)
    assert [kind.can_skip_others for kind in kinds] == [True, True, True, False]
