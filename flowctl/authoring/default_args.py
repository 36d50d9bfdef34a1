"""How do arguments that a task was not given reach the constructors of its class and ancestors?

Every `__init__` of an operator class is wrapped once, when the class is made. The outermost one
works out which default args hold; each then takes those that its own signature names. So a
subclass need not repeat the arguments of its ancestors, and what it hands on itself goes first.
"""

import copy
import functools
import inspect
from collections.abc import Callable
from itertools import islice
from typing import Any, NamedTuple

from flowctl.authoring import scope
from flowctl.authoring.calling import calling_place
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.hints import called, known_arguments, nearest
from flowctl.authoring.params import ParamsDict


class Place(NamedTuple):
    """Where a new task belongs, and the params that it has from there."""

    dag: Any
    group: Any
    params: ParamsDict


def filled(init: Callable[..., None]) -> Callable[..., None]:
    """Wrap a constructor: arguments it names and was not given come from the default args."""
    parameters = inspect.signature(init).parameters
    names = [
        name
        for name, parameter in islice(parameters.items(), 1, None)
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    needed = [name for name in names if parameters[name].default is inspect.Parameter.empty]

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if args:
            raise AirflowException(
                f"{type(self).__name__}: give the arguments of an operator by name, not by place,"
                f" as in {type(self).__name__}(task_id={args[0]!r})"
            )
        outermost = "_defaults" not in self.__dict__
        if outermost:
            _find(self, kwargs)
        inherited = self._defaults
        for name in names:
            if name not in kwargs and name in inherited:
                kwargs[name] = inherited[name]
        missing = [name for name in needed if name not in kwargs]
        if missing:
            raise AirflowException(_missing(self, missing, kwargs))
        init(self, **kwargs)
        if outermost:
            self._made()

    return __init__


def _missing(task: Any, names: list[str], given: dict[str, Any]) -> str:
    """Return the sentence about arguments that were not given, perhaps under a wrong name."""
    kind, place = type(task), task.__dict__.get("_place")
    dag = f" of DAG {place.dag.dag_id!r}" if place is not None and place.dag is not None else ""
    wrong = sorted(given.keys() - known_arguments(kind))
    hint = "".join(f"; it was given {one!r}{nearest(one, names)}" for one in wrong)
    needed, task_id = " and ".join(map(repr, names)), given.get("task_id")
    return f"{called(kind)} needs {needed} (task {task_id!r}{dag}){hint}"


def _find(task: Any, kwargs: dict[str, Any]) -> None:
    """Work out, once for a task, which default args hold and where it belongs."""
    own = kwargs.get("default_args") or {}
    group = kwargs.get("task_group")
    dag = kwargs.get("dag") or own.get("dag") or getattr(group, "dag", None) or scope.current_dag()
    group = group or scope.current_group(dag)
    found: dict[str, Any] = dict(getattr(dag, "default_args", None) or {})
    found.update(getattr(group, "default_args", None) or {})
    found.update(own)
    found.pop("dag", None)
    found.pop("default_args", None)
    found.pop("params", None)
    params = copy.copy(getattr(dag, "params", None) or ParamsDict())
    params.update(getattr(group, "default_args", {}).get("params") or {})
    params.update(own.get("params") or {})
    task.__dict__["_defaults"] = found
    task.__dict__["made_at"] = calling_place()
    task.__dict__["_place"] = Place(dag, group, params)
