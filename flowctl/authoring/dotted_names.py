"""How does a DAG file come from a dotted name to the object, and back?

This is `airflow.utils.module_loading`.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flowctl.late import Late

if TYPE_CHECKING:
    import pkgutil
else:
    pkgutil = Late("pkgutil")


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


def is_valid_dotpath(path: str) -> bool:
    """Say whether the text could be the dotted name of something."""
    return (
        isinstance(path, str) and re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", path) is not None
    )


def iter_namespace(namespace: ModuleType) -> Iterator[str]:
    """Yield the full names of the modules in a package."""
    found = pkgutil.iter_modules(namespace.__path__, f"{namespace.__name__}.")
    return (name for _, name, _ in found)
