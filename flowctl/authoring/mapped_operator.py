"""A task that becomes several when its run knows how many: `Operator.partial(...).expand(...)`.

In the DAG file it is one task. In an attempt, `unmap` makes the operator of one instance of it.
"""

import copy
import inspect
import warnings
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flowctl.authoring import expansion, scope
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.expansion import Expansion
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.xcom_arg import references
from flowctl.late import Late

if TYPE_CHECKING:
    import difflib
else:
    difflib = Late("difflib")

MAPPABLE = frozenset({"params", "do_xcom_push", "multiple_outputs", "pre_execute", "post_execute"})
"""Arguments of every task that may be mapped over; of the others the scheduler needs to know."""
NOT_WITH_MAPPING = ("sla",)


class Unmapped(NamedTuple):
    """The operator of one instance, and what in its fields no template may change."""

    operator: BaseOperator
    final: set[int]


class OperatorPartial:
    """An operator class with some of its arguments, to be expanded over others."""

    def __init__(self, operator_class: type[BaseOperator], kwargs: dict[str, Any]) -> None:
        self._is_expanded = True  # there is nothing to remind of where the arguments are wrong
        check_names(operator_class, "partial", kwargs)
        if "task_id" not in kwargs:
            raise TypeError(f"{operator_class.__name__}.partial() needs task_id")
        self.operator_class = operator_class
        self.kwargs = kwargs
        self._is_expanded = False

    def expand(self, **mapped_kwargs: Any) -> "MappedOperator":
        """Make a task with one instance for each combination of the elements of these lists.

        Raises:
            TypeError: nothing is given, or an argument that the operator does not have or was
                given to `partial`.
            ValueError: an argument cannot be mapped over.
        """
        self._is_expanded = True
        where = scope.in_words("task", self.kwargs["task_id"], self.kwargs.get("dag"))
        check_names(self.operator_class, "expand", mapped_kwargs)
        refuse_twice(where, self.kwargs, mapped_kwargs)
        given = expansion.lists(where, mapped_kwargs, self.kwargs.get("trigger_rule"))
        return self._expand(given, is_strict=False)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> "MappedOperator":
        """Make a task with one instance for each of these dicts of arguments.

        Args:
            kwargs: a list of dicts, or the result of a task that is one.
            strict: refuse dicts that repeat an argument of `partial`; else theirs counts.

        Raises:
            TypeError: it is no list of dicts.
        """
        self._is_expanded = True
        where = scope.in_words("task", self.kwargs["task_id"], self.kwargs.get("dag"))
        given = expansion.dicts(where, kwargs, self.kwargs.get("trigger_rule"))
        return self._expand(given, is_strict=strict)

    def _expand(self, given: Expansion, *, is_strict: bool) -> "MappedOperator":
        return make(self.operator_class, self.kwargs, given, is_strict=is_strict)

    def __del__(self) -> None:
        if not self._is_expanded:
            name = f"task {self.kwargs.get('task_id')!r}"
            warnings.warn(f"{name} was never mapped: expand() is missing", stacklevel=1)

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.kwargs.items())
        return f"{self.operator_class.__name__}.partial({given})"


class MappedOperator(BaseOperator):
    """A mapped task. What the scheduler needs to know of a task is given to `partial`."""

    is_mapped = True

    def __init__(
        self,
        *,
        operator_class: type[BaseOperator],
        partial_kwargs: dict[str, Any],
        expand_input: Expansion,
        is_strict: bool,
        expands_call: bool,
        **kwargs: Any,
    ) -> None:
        self.operator_class = operator_class
        super().__init__(**kwargs)
        self.partial_kwargs = partial_kwargs
        self.expand_input = expand_input
        self._is_strict = is_strict
        self._expands_call = expands_call  # the arguments of a decorated function
        self.unmapped: BaseOperator | None = None  # in an attempt, once it is known
        for name in ("template_fields", "template_ext", "ui_color", "ui_fgcolor"):
            self.__dict__[name] = getattr(operator_class, name)
        self.template_fields_renderers = operator_class.template_fields_renderers  # type: ignore[misc]  # of one object
        self.can_skip_others = operator_class.can_skip_others  # type: ignore[misc]
        self.inherits_from_empty_operator = operator_class.inherits_from_empty_operator
        group = self.get_closest_mapped_task_group()
        if group is not None:
            raise NotImplementedError(
                f"task {self.task_id!r} is expanded in the mapped task group {group.group_id!r};"
                " one thing can be expanded in another no further. Map over the pairs instead"
            )
        mapped = [operator for operator, _ in expand_input.iter_references()]
        fields = [value for name, value in partial_kwargs.items() if name in self.template_fields]
        for operator in [*mapped, *(operator for operator, _ in references(fields))]:
            self.set_upstream(operator)

    def _wait_for_references(self, field: str) -> None:
        """Do nothing: the fields are those of the operators that come of this."""

    @property
    def task_type(self) -> str:
        """Return the name of the operator class."""
        return self.operator_class.__name__

    @property
    def operator_class(self) -> type:
        """Return the class of the operators that come of this."""
        return self.__dict__["operator_class"]  # type: ignore[no-any-return]

    @operator_class.setter
    def operator_class(self, value: type) -> None:
        self.__dict__["operator_class"] = value

    @property
    def operator_name(self) -> str:
        """Return the name of the operator that people see."""
        return str(getattr(self.operator_class, "custom_operator_name", self.task_type))

    def iter_mapped_dependencies(self) -> Any:
        """Yield the tasks whose results it is mapped over."""
        return (operator for operator, _ in self.expand_input.iter_references())

    def on_kill(self) -> None:
        """Hand it on to the operator that is running."""
        if self.unmapped is not None:
            self.unmapped.on_kill()

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:  # noqa: ARG002 - the signature of all
        """Complain: only the operator of one instance has fields."""
        raise AirflowException(f"task {self.task_id!r} is mapped; unmap(context) it first")

    def unmap(self, context: Mapping[str, Any]) -> Unmapped:
        """Make the operator of the instance that the context belongs to.

        Raises:
            TypeError: an argument was given twice, or the operator does not have it.
            Whatever a function given to `map` raises, and the operator's constructor.
        """
        values = self.expand_input.resolve(context)
        own = dict(values.kwargs)
        if self._is_strict:
            self._check_dict(own)
        params = copy.copy(self.params)
        if not self._expands_call and "params" in own:
            params.update(own.pop("params"))
        if self._expands_call:
            own = {"op_kwargs": {**self._fixed, **own}}
        kwargs = {**self.partial_kwargs, **own, "task_id": self.label}
        operator = self._made_now({"default_args": self._inherited, **kwargs})
        operator.params = params
        return Unmapped(operator, values.final)

    def _check_dict(self, given: dict[str, Any]) -> None:
        where = f"task {self.task_id!r}"
        refuse_twice(where, self._fixed, given)
        for name in () if self._expands_call else given:
            if name in names_of(BaseOperator) - MAPPABLE:
                raise TypeError(f"{where}: {name!r} must be the same for all instances")

    @property
    def _fixed(self) -> Mapping[str, Any]:
        """Return the arguments that `partial` gave to what is expanded."""
        return (
            self.partial_kwargs.get("op_kwargs", {}) if self._expands_call else self.partial_kwargs
        )

    @property
    def _inherited(self) -> dict[str, Any]:
        """Return the default args that hold here."""
        group = self.task_group.default_args if self.task_group else {}
        return {**(self.dag.default_args or {}), **group, **(self.default_args or {})}

    def _made_now(self, kwargs: dict[str, Any]) -> BaseOperator:
        """Make an operator that stands where this task stands, without joining its DAG."""
        made: BaseOperator = object.__new__(self.operator_class)
        made.is_running = True
        made.__init__(**kwargs)  # type: ignore[misc]  # it must be known to run before it is made
        for name in _SHARED:
            made.__dict__[name] = self.__dict__[name]
        return made


_SHARED = (
    "_dag",
    "task_group",
    "task_id",
    "label",
    "upstream_task_ids",
    "downstream_task_ids",
    "_start_date",
    "_end_date",
    "made_at",
)


def make(
    operator_class: type[BaseOperator],
    kwargs: dict[str, Any],
    given: Expansion,
    *,
    is_strict: bool,
    expands_call: bool = False,
) -> MappedOperator:
    """Make the mapped task of an operator class."""
    of_every_task = names_of(BaseOperator)
    for name in NOT_WITH_MAPPING:
        if kwargs.get(name) is not None:
            raise AirflowException(
                f"{name} of task {kwargs.get('task_id')!r} cannot be watched: it is mapped"
            )
    placed = ("dag", "task_group", "default_args")
    task = MappedOperator(
        operator_class=operator_class,
        partial_kwargs={name: value for name, value in kwargs.items() if name not in placed},
        expand_input=given,
        is_strict=is_strict,
        expands_call=expands_call,
        **{name: value for name, value in kwargs.items() if name in of_every_task},
    )
    return task


@cache
def names_of(operator_class: type) -> frozenset[str]:
    """Return the names of all arguments that a class and its ancestors take."""
    names: set[str] = set()
    for cls in operator_class.__mro__:
        if "__init__" in cls.__dict__ and cls is not object:
            names.update(inspect.signature(cls.__dict__["__init__"]).parameters)
    return frozenset(names - {"self", "args", "kwargs"})


def check_names(operator_class: type, method: str, given: Mapping[str, Any]) -> None:
    """Complain of arguments that a class does not take.

    Raises:
        TypeError: there is one.
    """
    known = names_of(operator_class)
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{operator_class.__name__}.{method}() has no argument {name!r}{hint}")
        if method == "expand" and name in names_of(BaseOperator) - MAPPABLE:
            raise TypeError(
                f"{operator_class.__name__}.expand(): {name!r} must be the same for all instances;"
                f" give it to partial({name}=...)"
            )


def refuse_twice(where: str, fixed: Mapping[str, Any], mapped: Mapping[str, Any]) -> None:
    """Complain of arguments that `partial` was given as well.

    Raises:
        TypeError: there is one.
    """
    for name in mapped:
        if name in fixed:
            raise TypeError(f"{where}: {name!r} was given to partial() already; map it or fix it")
