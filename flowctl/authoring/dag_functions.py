"""How does a function that makes tasks become a DAG? With `@dag`."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from flowctl.authoring.dag import DAG


def dag(dag_id: Any = "", **options: Any) -> Any:
    """Make a DAG of a function that makes tasks: `@dag` or `@dag(...)`.

    Takes the arguments of `DAG`. The function's name and docstring are id and documentation where
    none are given; its arguments become params of the DAG. Calling the function makes the DAG.
    """
    if callable(dag_id):
        return _factory(dag_id, options)
    return lambda function: _factory(function, {"dag_id": dag_id or function.__name__, **options})


def _factory(function: Callable[..., Any], options: dict[str, Any]) -> Callable[..., DAG]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def make(*args: Any, **kwargs: Any) -> DAG:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        chosen: dict[str, Any] = {"dag_id": function.__name__, "doc_md": inspect.getdoc(function)}
        with DAG(**(chosen | options)) as made:
            function(**{name: made.param(name, value) for name, value in given.arguments.items()})
        return made

    return make
