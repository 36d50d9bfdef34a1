"""Which hook talks to a type of connection? What the installed provider packages say of themselves.

Knows no list of its own: `flowctl.authoring.providers` asks the packages.
"""

from importlib import import_module
from typing import Any

from flowctl.authoring.providers import hook_classes
from flowctl.errors import FlowctlError


class HookError(FlowctlError):
    """There is no hook that could be used."""


def hook(conn_type: str, conn_id: str) -> Any:
    """Return a hook of a connection of this type. Airflow's names must be installed already.

    Raises:
        HookError: no installed package has one, or the one there is cannot be imported.
    """
    found = hook_classes()
    if conn_type not in found:
        raise HookError(
            f"there is no hook for connections of type {conn_type!r}: flowctl itself has none, and"
            " no installed provider package does"
        )
    hook_class = _imported(found[conn_type])
    return hook_class(**{getattr(hook_class, "conn_name_attr", "conn_id"): conn_id})


def _imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except Exception as error:  # the code of a package, and what it imports of Airflow
        raise HookError(f"the hook {path} cannot be imported: {error}") from error
