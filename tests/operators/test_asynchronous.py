"""Operators whose work is a coroutine."""

import asyncio
from typing import Any

import pytest

from flowctl.operators.asynchronous import BaseAsyncOperator


class Adding(BaseAsyncOperator):
    """Adds two numbers that it awaits."""

    async def aexecute(self, context: Any) -> int:
        async def number(value: int) -> int:
            return value

        return sum(await asyncio.gather(number(context["one"]), number(2)))


def test_a_coroutine_is_run_to_its_end() -> None:
    """Its result is that of the task."""
    assert Adding(task_id="add").execute({"one": 1}) == 3


def test_an_operator_without_a_coroutine_says_so() -> None:
    """By the name of its class."""
    with pytest.raises(NotImplementedError, match="BaseAsyncOperator does not define aexecute"):
        BaseAsyncOperator(task_id="nothing").execute({})
