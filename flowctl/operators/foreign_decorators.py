"""`@task.virtualenv`, `@task.external_python` and their branches."""

from collections.abc import Sequence

from flowctl.authoring.taskflow import CallingOperator
from flowctl.operators.virtualenv import (
    BranchExternalPythonOperator,
    BranchPythonVirtualenvOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
)


class _PythonVirtualenvDecoratedOperator(CallingOperator, PythonVirtualenvOperator):
    """The task of a function decorated with `@task.virtualenv`."""

    template_fields: Sequence[str] = PythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.virtualenv"


class _PythonExternalDecoratedOperator(CallingOperator, ExternalPythonOperator):
    """The task of a function decorated with `@task.external_python`."""

    template_fields: Sequence[str] = ExternalPythonOperator.template_fields
    custom_operator_name = "@task.external_python"


class _BranchPythonVirtualenvDecoratedOperator(CallingOperator, BranchPythonVirtualenvOperator):
    """The task of a function decorated with `@task.branch_virtualenv`."""

    template_fields: Sequence[str] = BranchPythonVirtualenvOperator.template_fields
    custom_operator_name = "@task.branch_virtualenv"


class _BranchExternalPythonDecoratedOperator(CallingOperator, BranchExternalPythonOperator):
    """The task of a function decorated with `@task.branch_external_python`."""

    template_fields: Sequence[str] = BranchExternalPythonOperator.template_fields
    custom_operator_name = "@task.branch_external_python"
