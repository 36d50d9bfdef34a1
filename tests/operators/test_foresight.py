"""Which tasks will ask for dates? What those need is loaded before their attempts are forked."""

from collections.abc import Callable
from typing import Any

import pytest

from flowctl.authoring.context import get_current_context
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.taskflow import CONTEXT_KEYS
from flowctl.operators.bash import BashOperator
from flowctl.operators.keywords import DATES
from flowctl.operators.python import BranchPythonOperator, PythonOperator


def plain(number: int, ti: Any, *, params: Any) -> None:
    """Ask for no date."""


def everything(**context: Any) -> None:
    """Be given the whole context."""


class Mine(BaseOperator):
    """An operator of a user."""


@pytest.mark.parametrize(
    ("function", "is_date"),
    [
        (plain, False),
        (everything, True),
        (lambda ds: ds, True),
        (lambda *, logical_date=None: logical_date, True),
        (lambda ti: ti.execution_date, True),
        (lambda: get_current_context(), True),
        (int, False),
        (max, False),
    ],
)
@pytest.mark.parametrize("kind", [PythonOperator, BranchPythonOperator])
def test_a_function_says_what_it_asks_for(
    kind: type[PythonOperator], function: Callable[..., Any], is_date: bool
) -> None:
    """By its signature, and by the names in its code."""
    assert kind(task_id="t", python_callable=function).looks_at_dates is is_date


def test_an_operator_of_a_user_may_ask_for_anything() -> None:
    """Its code is not looked into; that of ours is known."""
    assert Mine(task_id="mine").looks_at_dates
    assert not BashOperator(task_id="ours", bash_command="true").looks_at_dates


def test_the_names_of_dates_are_names_of_the_context() -> None:
    """A misspelt one would never be seen."""
    assert DATES < CONTEXT_KEYS
