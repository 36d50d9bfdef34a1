"""Which names of the context does a function of the user get?

Those that its signature names, or all of them if it takes `**kwargs`. Values are only made for what
is handed over.
"""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial, wraps
from types import FunctionType
from typing import Any

_DATES = """
    data_interval_end data_interval_start ds ds_nodash execution_date logical_date macros next_ds
    next_ds_nodash next_execution_date prev_data_interval_end_success
    prev_data_interval_start_success prev_ds prev_ds_nodash prev_end_date_success
    prev_execution_date prev_execution_date_success prev_start_date_success task_instance_key_str
    tomorrow_ds tomorrow_ds_nodash ts ts_nodash ts_nodash_with_tz yesterday_ds yesterday_ds_nodash
"""

DATES = frozenset(_DATES.split())
"""Names of the context whose values are dates, or made of them."""

ASKING = DATES | {"end_date", "get_current_context", "queued_at", "queued_dttm", "start_date"}
"""Names by which code gets at dates without being given them."""

BY_KEYWORD = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def keywords(
    function: Callable[..., Any], args: Collection[Any], given: Mapping[str, Any], context: Any
) -> dict[str, Any]:
    """Return the keyword arguments to call `function` with, besides `args`.

    Args:
        function: what is to be called.
        args: its positional arguments.
        given: keyword arguments of the user; they go before names of the context. What the
            signature does not take is left out, as in Airflow 2.10.
        context: the names of the context.

    Raises:
        ValueError: a positional argument would take the place of a name of the context.
    """
    try:
        names, takes_all, first = _parameters(function)
    except (TypeError, ValueError):  # some functions written in C have no signature
        return dict(given)
    for name in first[: len(args)]:
        if name in given or name in context:
            raise ValueError(
                f"op_args would fill {name!r}, which the context fills; rename that argument of"
                f" {getattr(function, '__name__', function)!r}"
            )
    if takes_all:
        return {**dict(context.items()), **given}
    chosen = {name: given[name] for name in names if name in given}
    return chosen | {name: context[name] for name in names if name not in given and name in context}


def determine_kwargs(
    func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return those of `kwargs` that `func` takes besides `args`.

    Raises:
        ValueError: a positional argument would take the place of one of them.
    """
    return keywords(func, args, {}, kwargs)


class KeywordParameters:
    """The same in the form that operators of providers use."""

    def __init__(self, kwargs: Mapping[str, Any]) -> None:
        self._kwargs = kwargs

    @classmethod
    def determine(
        cls, func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
    ) -> "KeywordParameters":
        """Return those of `kwargs` that `func` takes besides `args`.

        Raises:
            ValueError: a positional argument would take the place of one of them.
        """
        return cls(determine_kwargs(func, args, kwargs))

    def unpacking(self) -> Mapping[str, Any]:
        """Return them to call the function with."""
        return self._kwargs

    def serializing(self) -> Mapping[str, Any]:
        """Return them to be written down."""
        return self._kwargs


def is_async_callable(func: Any) -> bool:
    """Say whether calling `func` makes something to await."""
    while isinstance(func, partial):
        func = func.func
    call = getattr(func, "__call__", None)  # noqa: B004 - the method of a callable object
    return inspect.iscoroutinefunction(func) or inspect.iscoroutinefunction(call)


def make_kwargs_callable(func: Callable[..., Any]) -> Callable[..., Any]:
    """Return `func` so that it can be called with more keyword arguments than it takes."""

    @wraps(func)
    def tolerant(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **determine_kwargs(func, args, kwargs))

    return tolerant


def looks_at_dates(function: Callable[..., Any]) -> bool:
    """Say whether `function` probably asks for dates.

    It has one of them as an argument, or takes all by `**kwargs`, or its code names one, as in
    `ti.execution_date`. What the functions say that it calls is not looked at.
    """
    if isinstance(function, FunctionType) and not ASKING.isdisjoint(function.__code__.co_names):
        return True
    try:
        names, takes_all, _ = _parameters(function)
    except (TypeError, ValueError):  # some functions written in C have no signature
        return False
    return takes_all or not DATES.isdisjoint(names)


def _parameters(function: Callable[..., Any]) -> tuple[Sequence[str], bool, Sequence[str]]:
    """Return the names that can be given by keyword, whether any can, and all names in order.

    A plain function says so in its code; asking `inspect` costs a freshly forked process ten times
    as much, by the memory that it touches.
    """
    if isinstance(function, FunctionType) and not hasattr(function, "__wrapped__"):
        code = function.__code__
        positional = code.co_varnames[: code.co_argcount]
        by_keyword = code.co_varnames[
            code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount
        ]
        return by_keyword, bool(code.co_flags & inspect.CO_VARKEYWORDS), positional
    parameters = inspect.signature(function).parameters
    names = [name for name, parameter in parameters.items() if parameter.kind in BY_KEYWORD]
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    return names, takes_all, list(parameters)
