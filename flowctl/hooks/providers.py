"""Which hook talks to a type of connection? What the installed provider packages say of themselves.

Knows no list of its own: a package names its hooks under the entry point `apache_airflow_provider`.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from flowctl.errors import FlowctlError

GROUP = "apache_airflow_provider"


class HookError(FlowctlError):
    """There is no hook that could be used."""


def hook(conn_type: str, conn_id: str) -> Any:
    """Return a hook of a connection of this type. Airflow's names must be installed already.

    Raises:
        HookError: no installed package has one, or the one there is cannot be imported.
    """
    found = {kind: path for kind, path in _declared() if kind == conn_type}
    if not found:
        raise HookError(
            f"there is no hook for connections of type {conn_type!r}: flowctl itself has none, and"
            " no installed provider package does"
        )
    hook_class = _imported(found[conn_type])
    return hook_class(**{getattr(hook_class, "conn_name_attr", "conn_id"): conn_id})


def _declared() -> Iterator[tuple[str, str]]:
    """Yield the types of connections and the paths of their hooks, of all packages."""
    for entry in entry_points(group=GROUP):
        try:
            about: Mapping[str, Any] = entry.load()()
        except Exception as error:  # the code of a package
            raise HookError(f"provider package {entry.name!r} is broken: {error}") from error
        for one in about.get("connection-types", ()):
            yield one["connection-type"], one["hook-class-name"]


def _imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except Exception as error:  # the code of a package, and what it imports of Airflow
        raise HookError(f"the hook {path} cannot be imported: {error}") from error
