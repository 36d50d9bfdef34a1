"""The `@task` of DAG files: a function becomes a task of one of the operators here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

from flowctl.authoring import providers
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.settings import NOTSET
from flowctl.authoring.task_group_functions import TaskGroupFactory
from flowctl.authoring.taskflow import (
    CallingOperator,
    DecoratedOperator,
    TaskFactory,
    task_decorator_factory,
)
from flowctl.operators.bash import BashOperator
from flowctl.operators.conditions import run_if, skip_if
from flowctl.operators.keywords import keywords
from flowctl.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator


class _PythonDecoratedOperator(CallingOperator, PythonOperator):
    """The task of a function decorated with `@task`."""

    template_fields: Sequence[str] = PythonOperator.template_fields
    template_fields_renderers: ClassVar[dict[str, str]] = PythonOperator.template_fields_renderers
    custom_operator_name = "@task"


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


_FOREIGN = "flowctl.operators.foreign_decorators"

OWN: Mapping[str, str] = {
    "python": "flowctl.operators.decorators._PythonDecoratedOperator",
    "branch": "flowctl.operators.decorators._BranchPythonDecoratedOperator",
    "short_circuit": "flowctl.operators.decorators._ShortCircuitDecoratedOperator",
    "bash": "flowctl.operators.decorators._BashDecoratedOperator",
    "sensor": "flowctl.sensors.python.DecoratedSensorOperator",
    "virtualenv": f"{_FOREIGN}._PythonVirtualenvDecoratedOperator",
    "external_python": f"{_FOREIGN}._PythonExternalDecoratedOperator",
    "branch_virtualenv": f"{_FOREIGN}._BranchPythonVirtualenvDecoratedOperator",
    "branch_external_python": f"{_FOREIGN}._BranchExternalPythonDecoratedOperator",
    "stub": "flowctl.operators.stub._StubOperator",
}
"""The operator class behind `@task.NAME`; a module is loaded when its decorator is first used."""


def decorator_of(name: str) -> Callable[..., Any]:
    """Return the decorator `@task.NAME`, one of `OWN`."""

    def decorator(python_callable: Any = None, **options: Any) -> Any:
        module, _, attribute = OWN[name].rpartition(".")
        operator = getattr(import_module(module), attribute)
        return task_decorator_factory(python_callable, decorated_operator_class=operator, **options)

    return decorator


python_task = decorator_of("python")
branch_task = decorator_of("branch")
short_circuit_task = decorator_of("short_circuit")
bash_task = decorator_of("bash")
sensor_task = decorator_of("sensor")
virtualenv_task = decorator_of("virtualenv")
external_python_task = decorator_of("external_python")
branch_virtualenv_task = decorator_of("branch_virtualenv")
branch_external_python_task = decorator_of("branch_external_python")


class TaskDecorators:
    """`@task`, and by attribute `@task.branch` and so on.

    The names are those of `OWN`, then `run_if` and `skip_if`, then what installed provider packages
    add.
    """

    run_if = staticmethod(run_if)
    skip_if = staticmethod(skip_if)

    def __call__(self, python_callable: Any = None, **options: Any) -> Any:
        """Decorate a function as a Python task."""
        return python_task(python_callable, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in OWN:
            return decorator_of(name)
        found = providers.task_decorators()
        if name not in found:
            known = ", ".join("@task." + one for one in (*OWN, "run_if", "skip_if", *found))
            raise AttributeError(
                f"there is no decorator @task.{name}; there are {known}; provider packages that are"
                " installed may add others"
            )
        return import_string(found[name])


task = TaskDecorators()


def setup(function: Any) -> TaskFactory:
    """Decorate a function as a setup task; a decorated function becomes a setup as well.

    Raises:
        AirflowException: it is a task group.
    """
    factory = _factory(function)
    factory.is_setup = True
    return factory


def teardown(function: Any = None, *, on_failure_fail_dagrun: bool = False) -> Any:
    """Decorate a function as a teardown; a decorated function becomes a teardown as well.

    Args:
        function: what is decorated.
        on_failure_fail_dagrun: fail the run when the teardown fails.

    Raises:
        AirflowException: it is a task group.
    """

    def decorate(decorated: Any) -> TaskFactory:
        factory = _factory(decorated)
        factory.is_teardown = True
        factory.on_failure_fail_dagrun = on_failure_fail_dagrun
        return factory

    return decorate if function is None else decorate(function)


def _factory(function: Any) -> TaskFactory:
    if isinstance(function, TaskGroupFactory):
        raise AirflowException(
            f"task group {function.function.__name__!r} cannot be a setup or teardown; mark the"
            " tasks in it"
        )
    factory: TaskFactory = function if isinstance(function, TaskFactory) else task(function)
    return factory
