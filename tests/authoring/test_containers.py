"""Small things: equal to what Airflow 2.10.5 answered for the same input."""

import functools
import logging
from datetime import datetime
from typing import Any

import pytest

from flowctl.authoring import containers, dotted_names
from flowctl.authoring.logging_mixin import LoggingMixin
from flowctl.authoring.rule_names import TriggerRule, WeightRule
from flowctl.authoring.state_names import State, TaskInstanceState
from flowctl.core.trigger_rules import RULES

NESTED = {"a": None, "b": "", "c": 0, "d": [1, None, ""], "e": {"x": None}}


@pytest.mark.parametrize(
    ("value", "mode", "pruned"),
    [
        (NESTED, "strict", {"b": "", "c": 0, "d": [1, ""], "e": {}}),
        (NESTED, "truthy", {"d": [1]}),
        ([1, None, {}], "strict", [1, {}]),
        ([1, None, {}], "truthy", [1]),
        (5, "strict", 5),
    ],
)
def test_pruning_takes_out_what_is_none_or_falsy(value: Any, mode: Any, pruned: Any) -> None:
    """At any depth."""
    assert containers.prune_dict(value, mode) == pruned


def test_merging_goes_into_dicts_within_dicts() -> None:
    """The second one wins, and neither is changed."""
    first = {"a": {"b": 1}, "c": 2}
    assert containers.merge_dicts(first, {"a": {"d": 3}, "c": 3}) == {"a": {"b": 1, "d": 3}, "c": 3}
    assert first == {"a": {"b": 1}, "c": 2}


@pytest.mark.parametrize(
    ("values", "is_one"),
    [((1, 0, None), True), (("a", []), True), ((1, 2), False), ((0, ""), False)],
)
def test_exactly_one_counts_what_is_true(values: tuple[Any, ...], is_one: bool) -> None:
    """Other than `any`, it wants no second one."""
    assert containers.exactly_one(*values) is is_one


def test_exactly_one_wants_its_values_one_by_one() -> None:
    """A list would always count as one."""
    with pytest.raises(ValueError, match="one by one"):
        containers.exactly_one((1, 2))


def test_chunks_are_as_long_as_asked_for_but_the_last() -> None:
    """And reducing them gives what reducing the whole gives."""
    assert list(containers.chunks([1, 2, 3], 2)) == [[1, 2], [3]]
    collected = containers.reduce_in_chunks(lambda x, y: [*x, y], [1, 2, 3], list[Any](), 2)
    assert collected == [[1, 2], [3]]


@pytest.mark.parametrize(
    ("value", "values"), [("ab", ("ab",)), ([1], (1,)), (None, (None,)), ({"a": 1}, ("a",))]
)
def test_a_single_value_becomes_a_tuple(value: Any, values: tuple[Any, ...]) -> None:
    """A text is a single value."""
    assert containers.as_tuple(value) == values


def test_a_dotted_name_leads_to_the_object_and_back() -> None:
    """Methods are not modules."""
    assert dotted_names.import_string("collections.OrderedDict").__name__ == "OrderedDict"
    assert dotted_names.qualname(datetime) == "datetime.datetime"
    assert dotted_names.qualname(functools.partial(print)) == "builtins.print"
    for wrong in ("json", "json.nothing", "datetime.datetime.now", "no_such_module.x"):
        with pytest.raises(ImportError):
            dotted_names.import_string(wrong)


def test_every_object_logs_under_the_name_of_its_class() -> None:
    """So that levels can be set for one operator."""

    class Mine(LoggingMixin):
        pass

    assert isinstance(Mine().log, logging.Logger)
    assert Mine().log.name.endswith("Mine")


def test_states_compare_with_their_texts() -> None:
    """DAG files compare with either."""
    assert State.SUCCESS == "success"
    assert TaskInstanceState.SUCCESS is State.SUCCESS
    assert State.NONE is None
    assert None in State.unfinished
    assert "success" in State.finished


def test_every_rule_that_can_be_written_is_known_to_the_core() -> None:
    """A name without a meaning would be a lie; what is for later is refused by the authoring."""
    later = {TriggerRule.ALL_DONE_SETUP_SUCCESS}
    assert {str(rule) for rule in set(TriggerRule) - later} <= set(RULES)
    assert TriggerRule.is_valid("all_done")
    assert not TriggerRule.is_valid("most_done")
    assert WeightRule.is_valid("upstream")
