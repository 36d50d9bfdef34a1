"""Tasks that call a Python function: for its result, to choose a branch, or to stop the rest."""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

from flowctl.authoring.context import get_current_context
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.operator import BaseOperator
from flowctl.operators.branch import BranchMixIn
from flowctl.operators.keywords import keywords, looks_at_dates
from flowctl.operators.skipping import SkipMixin

__all__ = [
    "BranchPythonOperator",
    "PythonOperator",
    "ShortCircuitOperator",
    "get_current_context",
]


class PythonOperator(BaseOperator):
    """Calls `python_callable`; what it returns is the task's result.

    Args:
        python_callable: anything that can be called. It gets the names of the context that its
            signature has.
        op_args: positional arguments, templates.
        op_kwargs: keyword arguments, templates.
        templates_dict: templates that the function finds, rendered, under this name.
        templates_exts: endings of texts in these fields that name a template file.
        show_return_value_in_logs: False for results that are too long or secret.

    Raises:
        AirflowException: `python_callable` cannot be called.
    """

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "templates_dict": "json",
        "op_args": "py",
        "op_kwargs": "py",
    }
    ui_color = "#ffefeb"
    shallow_copy_attrs: Sequence[str] = ("python_callable", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("provide_context", None)  # of Airflow 1: the context is always provided
        super().__init__(**kwargs)
        if not callable(python_callable):
            raise AirflowException(
                f"python_callable of task {self.task_id!r} of DAG {self.dag_id!r} is a function,"
                f" not {python_callable!r}"
            )
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict
        if templates_exts:
            self.template_ext = templates_exts
        self.show_return_value_in_logs = show_return_value_in_logs

    @property
    def looks_at_dates(self) -> bool:
        """Say whether the function probably asks for dates of the context."""
        return super().looks_at_dates or looks_at_dates(self.python_callable)

    def execute(self, context: Any) -> Any:
        """Call the function."""
        context["templates_dict"] = self.templates_dict
        self.op_kwargs = keywords(self.python_callable, self.op_args, self.op_kwargs, context)
        result = self.execute_callable()
        if inspect.isgenerator(result):
            result = context["outlet_events"].drain(result, self.log)
        if result is not None:  # else there is nothing to tell, and no first line to pay for
            shown = result if self.show_return_value_in_logs else "not shown"
            self.log.info("Done. Returned value was: %s", shown)
        return result

    def execute_callable(self) -> Any:
        """Call the function with the arguments that were found."""
        return self.python_callable(*self.op_args, **self.op_kwargs)


class BranchPythonOperator(BranchMixIn, PythonOperator):
    """Follows the task or task group whose id the function returns, several, or none."""

    def execute(self, context: Any) -> Any:
        """Skip what was not chosen; return the choice."""
        return self.do_branch(context, super().execute(context))


class ShortCircuitOperator(SkipMixin, PythonOperator):
    """Skips what follows if the function returns something false.

    Args:
        ignore_downstream_trigger_rules: skip all tasks after this one; otherwise those directly
            after it, and the trigger rules decide about the rest.
    """

    inherits_from_skipmixin = True

    def __init__(self, *, ignore_downstream_trigger_rules: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules

    def execute(self, context: Any) -> Any:
        """Return what the function returned, having skipped what follows where it is false."""
        condition = super().execute(context)
        if condition:
            self.log.info("Going on: the condition is %s", condition)
            return condition
        every = self.ignore_downstream_trigger_rules
        after = self.get_flat_relatives() if every else self.downstream_list
        skipped = [task for task in after if not task.is_teardown]
        self.log.info("Skipping %s", ", ".join(task.task_id for task in skipped) or "nothing")
        self.skip(context, skipped)
        return condition
