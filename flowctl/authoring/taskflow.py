"""How does a function become a task factory, so that calling it in a DAG file makes a task?

`task_decorator_factory` makes a decorator of an operator class that takes a function. What the
function was called with is the task's input; what the call returns stands for the task's result.
"""

import copy
import functools
import inspect
import typing
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowctl.authoring import scope
from flowctl.authoring.ids import unused
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.xcom_arg import XComArg
from flowctl.late import Late

if TYPE_CHECKING:
    import difflib

    from flowctl.authoring import expansion, mapped_operator
else:
    difflib = Late("difflib")
    expansion = Late("flowctl.authoring.expansion")
    mapped_operator = Late("flowctl.authoring.mapped_operator")

_NAMES = """
    conf conn dag dag_run data_interval_end data_interval_start ds ds_nodash exception
    execution_date expanded_ti_count inlet_events inlets logical_date macros map_index_template
    next_ds next_ds_nodash next_execution_date outlet_events outlets params
    prev_data_interval_end_success prev_data_interval_start_success prev_ds prev_ds_nodash
    prev_end_date_success prev_execution_date prev_execution_date_success
    prev_start_date_success reason run_id task task_instance task_instance_key_str
    templates_dict test_mode ti tomorrow_ds tomorrow_ds_nodash triggering_dataset_events
    try_number ts ts_nodash ts_nodash_with_tz var yesterday_ds yesterday_ds_nodash
"""

CONTEXT_KEYS = frozenset(_NAMES.split())
"""Names that a function may have as arguments to be given them when the task runs."""


def get_unique_task_id(task_id: str, dag: Any = None, task_group: Any = None) -> str:
    """Return `task_id`, with `__1`, `__2` ... where the DAG has such a task already."""
    dag = dag or scope.current_dag()
    if dag is None:
        return task_id
    group = task_group or scope.current_group(dag)
    wanted = group.child_id(task_id) if group else task_id
    return unused(wanted, dag.task_dict).removeprefix(wanted.removesuffix(task_id))


class DecoratedOperator(BaseOperator):
    """The part of an operator that has to do with a decorated function.

    Args:
        python_callable: the function.
        task_id: made unique in the DAG.
        op_args, op_kwargs: what the function was called with in the DAG file.
        kwargs_to_upstream: further arguments for the next constructor in line.

    Raises:
        TypeError: the function cannot be called with these arguments.
        ValueError: an argument named after a context variable has a default other than None.
    """

    template_fields: Sequence[str] = ("op_args", "op_kwargs")
    template_fields_renderers: typing.ClassVar[dict[str, str]] = {
        "op_args": "py",
        "op_kwargs": "py",
    }
    shallow_copy_attrs: Sequence[str] = ("python_callable",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        task_id: str,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        kwargs_to_upstream: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        try:
            check_call(python_callable, op_args or (), op_kwargs or {})
        except (TypeError, ValueError) as error:
            where = scope.in_words("task", task_id, kwargs.get("dag"))
            raise type(error)(f"{where}: {error}") from None
        task_id = get_unique_task_id(task_id, kwargs.get("dag"), kwargs.get("task_group"))
        super().__init__(task_id=task_id, **(kwargs_to_upstream or {}), **kwargs)
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}


class CallingOperator(DecoratedOperator):
    """A task of a decorated function whose operator takes function and arguments, too."""

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


def check_call(
    function: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
) -> None:
    """Complain now of arguments that would fail when the task runs.

    Raises:
        TypeError: an argument is missing or too many.
        ValueError: an argument named after a context variable has a default other than None.
    """
    signature = inspect.signature(function)
    name = getattr(function, "__name__", repr(function))
    for parameter in signature.parameters.values():
        default = parameter.default
        if parameter.name in CONTEXT_KEYS and default not in (None, parameter.empty):
            raise ValueError(
                f"argument {parameter.name!r} of {name} is filled by the context; its default can"
                f" only be None, not {default!r}"
            )
    try:
        given = signature.bind_partial(*args, **kwargs).arguments
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    missing = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and parameter.name not in given
        and parameter.name not in CONTEXT_KEYS
    ]
    if missing:
        raise TypeError(f"{name} was called without {', '.join(map(repr, missing))}")


def check_names(function: Callable[..., Any], method: str, given: Mapping[str, Any]) -> None:
    """Complain of arguments for a mapped task or group that its function does not take.

    Raises:
        TypeError: there is one.
        ValueError: the context fills it.
    """
    name = getattr(function, "__name__", repr(function))
    parameters = inspect.signature(function).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for argument in given:
        if argument in CONTEXT_KEYS:
            raise ValueError(
                f"{name}.{method}(): argument {argument!r} is filled by the context; it cannot be"
                " given or mapped over"
            )
        if argument not in parameters and not takes_any:
            near = difflib.get_close_matches(argument, parameters, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{name}.{method}(): the function has no argument {argument!r}{hint}")


class TaskFactory:
    """What a decorated function is: calling it makes a task and returns what its result will be."""

    def __init__(
        self,
        function: Callable[..., Any],
        operator_class: type[BaseOperator],
        options: dict[str, Any],
    ) -> None:
        if not callable(function):
            raise TypeError(f"a function is decorated as a task, not {function!r}")
        functools.update_wrapper(self, function)
        self.function = function
        self.operator_class = operator_class
        self.options = options
        self.fixed: dict[str, Any] = {}  # arguments that `partial` was given
        self.is_setup = False
        self.is_teardown = False
        self.on_failure_fail_dagrun = False

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        """Make a task; return what stands for its result."""
        operator: Any = self.operator_class
        return self._result(
            operator(
                python_callable=self.function,
                op_args=args,
                op_kwargs={**self.fixed, **kwargs},
                **self._options(),
            )
        )

    def _options(self) -> dict[str, Any]:
        """Return the arguments for the task."""
        if self.is_teardown and "trigger_rule" in self.options:
            raise ValueError(
                f"teardown {self.function.__name__!r} cannot have a trigger_rule; teardowns run"
                " when all is done and a setup succeeded"
            )
        named = {"task_id": self.function.__name__, "doc_md": inspect.getdoc(self.function)}
        return named | self.options

    def _result(self, task: BaseOperator) -> XComArg:
        """Make the task a setup or a teardown if it is to be one; return what stands for it."""
        if self.is_setup:
            task.as_setup()
        if self.is_teardown:
            task.as_teardown(on_failure_fail_dagrun=self.on_failure_fail_dagrun)
        return XComArg(task)

    def override(self, **options: Any) -> "TaskFactory":
        """Return the same with other arguments for the task."""
        new = copy.copy(self)
        new.options = {**self.options, **options}
        return new

    def partial(self, **kwargs: Any) -> "TaskFactory":
        """Return the same with these arguments of the function fixed.

        Raises:
            TypeError: the function does not take one, or it was fixed before.
            ValueError: the context fills one.
        """
        check_names(self.function, "partial", kwargs)
        mapped_operator.refuse_twice(self._where, self.fixed, kwargs)
        new = copy.copy(self)
        new.fixed = {**self.fixed, **kwargs}
        return new

    def expand(self, **map_kwargs: Any) -> XComArg:
        """Make a task with one instance for each combination of the elements of these lists.

        Raises:
            TypeError: nothing is given, or an argument that the function lacks or that is fixed.
            ValueError: an argument cannot be mapped over.
        """
        check_names(self.function, "expand", map_kwargs)
        mapped_operator.refuse_twice(self._where, self.fixed, map_kwargs)
        given = expansion.lists(self._where, map_kwargs, self.options.get("trigger_rule"))
        return self._mapped(given, is_strict=False)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        """Make a task with one instance for each of these dicts of arguments.

        Args:
            kwargs: a list of dicts, or the result of a task that is one.
            strict: refuse dicts that repeat an argument of `partial`; else theirs counts.
        """
        given = expansion.dicts(self._where, kwargs, self.options.get("trigger_rule"))
        return self._mapped(given, is_strict=strict)

    @property
    def _where(self) -> str:
        task_id = self.options.get("task_id") or self.function.__name__
        return scope.in_words("task", task_id, self.options.get("dag"))

    def _mapped(self, given: Any, *, is_strict: bool) -> XComArg:
        options = self._options()
        place = options.get("dag"), options.get("task_group")
        options["task_id"] = get_unique_task_id(options["task_id"], *place)
        call = {"python_callable": self.function, "op_args": (), "op_kwargs": self.fixed}
        return self._result(
            mapped_operator.make(
                self.operator_class, call | options, given, is_strict=is_strict, expands_call=True
            )
        )


def task_decorator_factory(
    python_callable: Callable[..., Any] | None = None,
    *,
    multiple_outputs: bool | None = None,
    decorated_operator_class: type[BaseOperator],
    **kwargs: Any,
) -> Any:
    """Return a decorated function or, without `python_callable`, a decorator.

    Args:
        python_callable: the function.
        multiple_outputs: leave each entry of a returned dict under its own key; by default where
            the function is annotated as returning a mapping.
        decorated_operator_class: makes the tasks.
        kwargs: arguments for it.

    Raises:
        TypeError: `python_callable` is no function.
    """

    def decorate(function: Callable[..., Any]) -> TaskFactory:
        chosen = multiple_outputs if multiple_outputs is not None else returns_mapping(function)
        options = {**kwargs, "multiple_outputs": True} if chosen else kwargs
        return TaskFactory(function, decorated_operator_class, options)

    if python_callable is None:
        return decorate
    if not callable(python_callable):
        raise TypeError(
            f"a task decorator takes its arguments by name; {python_callable!r} came by place"
        )
    return decorate(python_callable)


def returns_mapping(function: Callable[..., Any]) -> bool:
    """Say whether a function is annotated as returning a dict or the like."""
    if not getattr(function, "__annotations__", {}).get("return"):
        return False
    try:
        annotation = typing.get_type_hints(function).get("return")
    except (NameError, TypeError) as error:
        warnings.warn(
            f"the annotation of {function.__name__} cannot be read ({error});"
            " multiple_outputs is taken as False",
            stacklevel=4,
        )
        return False
    kind = typing.get_origin(annotation) or annotation
    return isinstance(kind, type) and issubclass(kind, Mapping)
