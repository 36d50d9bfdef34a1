"""Which hook talks to a type of connection? What the installed provider packages say of themselves.

Knows no list of its own: `flowctl.authoring.providers` asks the packages.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.providers import hook_classes


class HookError(AirflowException):
    """There is no hook that could be used."""


def hook(conn_type: str, conn_id: str, hook_params: Mapping[str, Any] | None = None) -> Any:
    """Return a hook of a connection of this type. Airflow's names must be installed already.

    Args:
        conn_type: the type.
        conn_id: the connection.
        hook_params: further arguments of the hook.

    Raises:
        HookError: no installed package has one, or the one there is cannot be imported.
    """
    found = hook_classes().get(conn_type)
    if found is None:
        raise HookError(
            f"there is no hook for connections of type {conn_type!r}, as {conn_id!r} is one: no"
            " installed provider package has it; see: flowctl providers add --help"
        )
    kind = imported(found.path)
    return kind(**{getattr(kind, "conn_name_attr", "conn_id"): conn_id, **(hook_params or {})})


def imported(path: str) -> Any:
    """Return the hook class that a package names.

    Raises:
        HookError: it cannot be imported.
    """
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except Exception as error:  # the code of a package, and what it imports of Airflow
        raise HookError(f"the hook {path} cannot be imported: {error}") from error
