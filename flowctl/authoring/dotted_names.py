"""How does a DAG file come from a dotted name to the object, and back?

This is `airflow.utils.module_loading`.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any


def import_string(dotted_path: str) -> Any:
    """Return what "package.module.name" means.

    Raises:
        ImportError: the text has no dot, there is no such module, or it has no such name.
    """
    module, _, name = dotted_path.rpartition(".")
    if not module:
        raise ImportError(f"{dotted_path!r} has no dot; a name is looked up as module.name")
    try:
        return getattr(import_module(module), name)
    except AttributeError:
        raise ImportError(f"module {module!r} has no {name!r}") from None


def qualname(o: Callable[..., Any] | object) -> str:
    """Return the dotted name of a function or class, or that of the class of any other object."""
    while isinstance(o, partial):
        o = o.func
    named = o if hasattr(o, "__qualname__") else type(o)
    return f"{named.__module__}.{named.__qualname__}"
