"""How do users mark functions that flowctl is to call? With `@hookimpl`, as pluggy has it.

A marked function takes those of the offered arguments that it names, in any order.
"""

import inspect
from collections.abc import Callable
from typing import Any

_MARK = "__flowctl_hookimpl__"


def hookimpl(function: Any = None, **_: Any) -> Any:
    """Mark a function; pluggy's options (`tryfirst` and so on) may be given and change nothing."""
    if function is None:
        return hookimpl
    setattr(function, _MARK, True)
    return function


def marked(owner: Any, name: str) -> Callable[..., Any] | None:
    """Return the marked function `name` of a module or object, None without one.

    One that was marked with pluggy's own marker for Airflow counts as well.
    """
    function = getattr(owner, name, None)
    is_marked = hasattr(function, _MARK) or hasattr(function, "airflow_impl")
    return function if callable(function) and is_marked else None


def called(function: Callable[..., Any], **offered: Any) -> Any:
    """Call a function with what it asks for by name."""
    parameters = inspect.signature(function).parameters
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return function(**offered)
    return function(**{name: offered[name] for name in parameters if name in offered})
