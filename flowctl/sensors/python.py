"""Wait until a function of the user says so."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

from flowctl.authoring.taskflow import CallingOperator
from flowctl.operators.keywords import keywords, looks_at_dates
from flowctl.sensors.base import BaseSensorOperator, PokeReturnValue


class PythonSensor(BaseSensorOperator):
    """Waits until `python_callable` returns something true.

    Args:
        python_callable: the function; what it returns as a `PokeReturnValue` is the task's result.
        op_args: its positional arguments.
        op_kwargs: its keyword arguments; it gets names of the context, too, if it takes them.
        templates_dict: texts to be rendered; the function finds them as `templates_dict`.

    Raises:
        TypeError: `python_callable` is no function.
    """

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(python_callable):
            raise TypeError(
                f"python_callable of task {self.task_id!r} is a function, not {python_callable!r}"
            )
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict

    @property
    def looks_at_dates(self) -> bool:
        """Say whether the function probably asks for dates of the context."""
        return super().looks_at_dates or looks_at_dates(self.python_callable)

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Ask the function."""
        context["templates_dict"] = self.templates_dict
        named = keywords(self.python_callable, self.op_args, self.op_kwargs, context)
        found = self.python_callable(*self.op_args, **named)
        return found if isinstance(found, PokeReturnValue) else bool(found)


class DecoratedSensorOperator(CallingOperator, PythonSensor):
    """The task of a function decorated with `@task.sensor`."""

    template_fields: Sequence[str] = ("op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {"op_args": "py", "op_kwargs": "py"}
    custom_operator_name = "@task.sensor"
