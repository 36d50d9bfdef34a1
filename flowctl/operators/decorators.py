"""The `@task` of DAG files: a function becomes a task of one of the operators here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.not_yet import refuse
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.settings import NOTSET
from flowctl.authoring.taskflow import DecoratedOperator, task_decorator_factory
from flowctl.operators.bash import BashOperator
from flowctl.operators.keywords import keywords
from flowctl.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator


class _PythonDecoratedOperator(DecoratedOperator, PythonOperator):
    """The task of a function decorated with `@task`."""

    template_fields: Sequence[str] = PythonOperator.template_fields
    template_fields_renderers: ClassVar[dict[str, str]] = PythonOperator.template_fields_renderers
    custom_operator_name = "@task"

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


class _BranchPythonDecoratedOperator(_PythonDecoratedOperator, BranchPythonOperator):
    """The task of a function decorated with `@task.branch`."""

    custom_operator_name = "@task.branch"


class _ShortCircuitDecoratedOperator(_PythonDecoratedOperator, ShortCircuitOperator):
    """The task of a function decorated with `@task.short_circuit`."""

    custom_operator_name = "@task.short_circuit"


class _BashDecoratedOperator(DecoratedOperator, BashOperator):
    """The task of a function decorated with `@task.bash`, which returns the command."""

    template_fields: Sequence[str] = (
        *DecoratedOperator.template_fields,
        *BashOperator.template_fields,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {
        **DecoratedOperator.template_fields_renderers,
        **BashOperator.template_fields_renderers,
    }
    custom_operator_name = "@task.bash"
    renders_while_running = True

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            bash_command=NOTSET,
            **kwargs,
        )

    def execute(self, context: Any) -> Any:
        """Call the function, render the command that it returns, and run it."""
        named = keywords(self.python_callable, self.op_args, self.op_kwargs, context)
        command = self.python_callable(*self.op_args, **named)
        if not isinstance(command, str) or not command.strip():
            raise AirflowException(
                f"the function of task {self.task_id!r} returned {command!r};"
                " @task.bash wants a command, as text"
            )
        self.bash_command = command
        self.render_template_fields(context)
        return super().execute(context)


def _maker(operator: type[BaseOperator]) -> Callable[..., Any]:
    def decorator(python_callable: Any = None, **options: Any) -> Any:
        return task_decorator_factory(python_callable, decorated_operator_class=operator, **options)

    return decorator


_MAKERS: dict[str, Callable[..., Any]] = {
    "python": _maker(_PythonDecoratedOperator),
    "branch": _maker(_BranchPythonDecoratedOperator),
    "short_circuit": _maker(_ShortCircuitDecoratedOperator),
    "bash": _maker(_BashDecoratedOperator),
}


class TaskDecorators:
    """`@task`, and by attribute `@task.branch` and so on, one row of `_MAKERS` each."""

    def __call__(self, python_callable: Any = None, **options: Any) -> Any:
        """Decorate a function as a Python task."""
        return _MAKERS["python"](python_callable, **options)

    def __getattr__(self, name: str) -> Any:
        if name in _MAKERS:
            return _MAKERS[name]
        if name.startswith("__"):
            raise AttributeError(name)
        refuse(f"@task.{name}", f"there are {', '.join('@task.' + known for known in _MAKERS)}")


task = TaskDecorators()
