"""How does a function that makes tasks become a task group? With `@task_group`."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flowctl.authoring import scope
from flowctl.authoring.task_group import TaskGroup
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import expansion, mapped_operator, mapped_task_group, taskflow
else:
    expansion = Late("flowctl.authoring.expansion")
    mapped_operator = Late("flowctl.authoring.mapped_operator")
    mapped_task_group = Late("flowctl.authoring.mapped_task_group")
    taskflow = Late("flowctl.authoring.taskflow")


class TaskGroupFactory:
    """What `@task_group` makes of a function: calling it makes a group of the tasks in it."""

    def __init__(
        self,
        function: Callable[..., Any],
        options: dict[str, Any],
        fixed: dict[str, Any] | None = None,
    ) -> None:
        if not callable(function):
            raise TypeError(f"@task_group decorates a function, not {function!r}")
        functools.update_wrapper(self, function)
        self.function = function
        self.options = options
        self.fixed = fixed or {}  # arguments that `partial` was given

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make the group; return what the function returns, or the group if it returns nothing."""
        with TaskGroup(**self._options()) as group:
            result = self.function(*args, **{**self.fixed, **kwargs})
        return group if result is None else result

    def _options(self) -> dict[str, Any]:
        named = {
            "group_id": getattr(self.function, "__name__", None),
            "tooltip": inspect.getdoc(self.function) or "",
            "add_suffix_on_collision": True,
        }
        return named | self.options

    def override(self, **options: Any) -> "TaskGroupFactory":
        """Return the same with other arguments for the group."""
        return TaskGroupFactory(self.function, {**self.options, **options}, self.fixed)

    def partial(self, **kwargs: Any) -> "TaskGroupFactory":
        """Return the same with these arguments of the function fixed.

        Raises:
            TypeError: the function does not take one, or it was fixed before.
        """
        taskflow.check_names(self.function, "partial", kwargs)
        mapped_operator.refuse_twice(self._where, self.fixed, kwargs)
        return TaskGroupFactory(self.function, self.options, {**self.fixed, **kwargs})

    def expand(self, **kwargs: Any) -> Any:
        """Make a group whose tasks have one instance for each combination of these elements.

        Returns:
            What the function returns, or the group if it returns nothing.

        Raises:
            TypeError: nothing is given, or an argument that the function lacks or that is fixed.
            ValueError: an argument cannot be mapped over.
        """
        taskflow.check_names(self.function, "expand", kwargs)
        mapped_operator.refuse_twice(self._where, self.fixed, kwargs)
        return self._mapped(expansion.lists(self._where, kwargs), kwargs)

    def expand_kwargs(self, kwargs: Any) -> Any:
        """Make a group whose tasks have one instance for each of these dicts of arguments.

        Raises:
            TypeError: it is no list of dicts; or the function takes any arguments, so that nobody
                knows which to expect.
        """
        parameters = inspect.signature(self.function).parameters
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters.values()):
            raise TypeError(
                f"{self._where}: expand_kwargs() cannot know what to expect, as the function takes"
                " any arguments (* or **); name them"
            )
        given = expansion.dicts(self._where, kwargs)
        return self._mapped(given, [name for name in parameters if name not in self.fixed])

    @property
    def _where(self) -> str:
        name = self.options.get("group_id") or self.function.__name__
        return scope.in_words("task group", name, self.options.get("dag"))

    def _mapped(self, given: Any, names: Iterable[str]) -> Any:
        arguments = {name: expansion.MappedArgument(given, name) for name in names}
        with mapped_task_group.MappedTaskGroup(expand_input=given, **self._options()) as group:
            result = self.function(**self.fixed, **arguments)
        return group if result is None else result


def task_group(group_id: Any = None, **options: Any) -> Any:
    """Make a task group of a function that makes tasks: `@task_group` or `@task_group(...)`.

    Takes the arguments of `TaskGroup`. The function's name and docstring are the id and the
    tooltip where none are given.
    """
    if callable(group_id):
        return TaskGroupFactory(group_id, options)
    if group_id is not None:
        options["group_id"] = group_id
    return lambda function: TaskGroupFactory(function, options)
