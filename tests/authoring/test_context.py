"""A context makes its values when asked, and is found by code that was not handed it."""

import copy
from typing import Any

import pytest

from flowctl.authoring.context import Context, context_to_airflow_vars, entered, get_current_context
from flowctl.authoring.exceptions import AirflowException


def test_a_value_is_made_once_when_asked_for() -> None:
    made: list[str] = []

    def maker(context: Context) -> str:
        made.append("x")
        return f"{context.value('a')} b"

    context = Context({"a": "a"}, {"x": maker})
    assert "x" in context
    assert len(context) == 2
    assert made == []
    assert (context["x"], context["x"]) == ("a b", "a b")
    assert made == ["x"]


def test_user_code_may_change_its_context_and_nobody_elses() -> None:
    makers: dict[str, Any] = {"x": lambda _: 1, "y": lambda _: 2}
    first, second = Context({}, makers), Context({}, makers)
    first["x"] = 5
    del first["y"]

    assert dict(first.items()) == {"x": 5}
    assert dict(second.items()) == {"x": 1, "y": 2}
    with pytest.raises(KeyError):
        del first["y"]
    assert dict(copy.copy(first).items()) == {"x": 5}


def test_a_store_that_flowctl_lacks_is_named() -> None:
    context = Context({})

    with pytest.raises(KeyError, match="flowctl has no task_state_store"):
        context["task_state_store"]
    assert "task_state_store" not in context
    assert context.get("task_state_store") is None


def test_the_current_context_is_the_innermost_one() -> None:
    with pytest.raises(AirflowException, match="no task is running"):
        get_current_context()
    with entered(Context({"n": 1})), entered(Context({"n": 2})):
        assert get_current_context()["n"] == 2
    with pytest.raises(AirflowException):
        get_current_context()


def test_nothing_is_exported_of_what_is_not_known() -> None:
    assert context_to_airflow_vars({}) == {}
