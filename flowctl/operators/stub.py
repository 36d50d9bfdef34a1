"""`@task.stub`: the place in a DAG of a task whose code is not Python."""

import ast
from collections.abc import Callable
from typing import Any

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.taskflow import DecoratedOperator
from flowctl.operators import foreign_script


class _StubOperator(DecoratedOperator):
    """A task whose function is empty.

    Raises:
        ValueError: the function does something.
    """

    custom_operator_name = "@task.stub"

    def __init__(self, *, python_callable: Callable[..., Any], **kwargs: Any) -> None:
        super().__init__(python_callable=python_callable, **kwargs)
        body = ast.parse(foreign_script.source_of(python_callable)).body[0]
        if not isinstance(body, ast.FunctionDef) or not all(map(_is_nothing, body.body)):
            raise ValueError(
                f"the function of task {self.task_id!r} is a stub: its body is `...`, `pass` or a"
                " docstring"
            )

    def execute(self, context: Any) -> Any:  # noqa: ARG002 - the contract
        """Say that there is nothing to run.

        Raises:
            AirflowException: always.
        """
        raise AirflowException(
            f"task {self.task_id!r} is a stub: its code is in another language, which flowctl does"
            " not run"
        )


def _is_nothing(statement: ast.stmt) -> bool:
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_constant or isinstance(statement, ast.Pass)
