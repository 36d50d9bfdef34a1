"""Which tasks will ask for dates? What those need is loaded before their attempts are forked."""

from collections.abc import Callable
from typing import Any

import pytest

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
        (int, False),
        (max, False),
    ],
)
@pytest.mark.parametrize("kind", [PythonOperator, BranchPythonOperator])
def test_a_function_says_by_its_signature_what_it_is_given(
    kind: type[PythonOperator], function: Callable[..., Any], is_date: bool
) -> None:
    """A function without a signature is given nothing."""
    assert kind(task_id="t", python_callable=function).looks_at_dates is is_date


def test_an_operator_of_a_user_may_ask_for_anything() -> None:
    """Its code is not looked into; that of ours is known."""
    assert Mine(task_id="mine").looks_at_dates
    assert not BashOperator(task_id="ours", bash_command="true").looks_at_dates


def test_the_names_of_dates_are_names_of_the_context() -> None:
    """A misspelt one would never be seen."""
    assert DATES < CONTEXT_KEYS
