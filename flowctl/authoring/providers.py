"""What do the installed provider packages say of themselves?

A package says it under the entry point `apache_airflow_provider`. Airflow's names must be installed
before something of a package is imported.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from flowctl.errors import FlowctlError
from flowctl.late import Late

if TYPE_CHECKING:
    from importlib import metadata
else:
    metadata = Late("importlib.metadata")

GROUP = "apache_airflow_provider"


class ProviderError(FlowctlError):
    """An installed provider package cannot be asked."""


@cache
def described() -> tuple[Mapping[str, Any], ...]:
    """Return the description of each package; they are asked once in a process.

    Raises:
        ProviderError: one is broken.
    """
    found = []
    for entry in metadata.entry_points(group=GROUP):
        try:
            found.append(entry.load()())
        except Exception as error:  # the code of a package
            raise ProviderError(f"provider package {entry.name!r} is broken: {error}") from error
    return tuple(found)


def task_decorators() -> dict[str, str]:
    """Return the dotted paths of decorators that packages add to `@task`, by name."""
    return {
        row["name"]: row["class-name"]
        for about in described()
        for row in about.get("task-decorators", ())
    }


def hook_classes() -> dict[str, str]:
    """Return the dotted paths of hooks, by type of connection."""
    return {
        row["connection-type"]: row["hook-class-name"]
        for about in described()
        for row in about.get("connection-types", ())
    }
