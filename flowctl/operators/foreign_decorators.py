"""`@task.virtualenv`, `@task.external_python` and their branches."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from flowctl.authoring.taskflow import DecoratedOperator
from flowctl.operators.virtualenv import (
    BranchExternalPythonOperator,
    BranchPythonVirtualenvOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
)


class _ForeignTask(DecoratedOperator):
    """A decorated function that runs in another Python."""

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        call: dict[str, Any] = {
            "python_callable": python_callable,
            "op_args": op_args,
            "op_kwargs": op_kwargs,
        }
        super().__init__(**call, kwargs_to_upstream=call, **kwargs)


class _PythonVirtualenvDecoratedOperator(_ForeignTask, PythonVirtualenvOperator):
    """The task of a function decorated with `@task.virtualenv`."""

    template_fields: Sequence[str] = PythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.virtualenv"


class _PythonExternalDecoratedOperator(_ForeignTask, ExternalPythonOperator):
    """The task of a function decorated with `@task.external_python`."""

    template_fields: Sequence[str] = ExternalPythonOperator.template_fields
    custom_operator_name = "@task.external_python"


class _BranchPythonVirtualenvDecoratedOperator(_ForeignTask, BranchPythonVirtualenvOperator):
    """The task of a function decorated with `@task.branch_virtualenv`."""

    template_fields: Sequence[str] = BranchPythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.branch_virtualenv"


class _BranchExternalPythonDecoratedOperator(_ForeignTask, BranchExternalPythonOperator):
    """The task of a function decorated with `@task.branch_external_python`."""

    template_fields: Sequence[str] = BranchExternalPythonOperator.template_fields
    custom_operator_name = "@task.branch_external_python"
