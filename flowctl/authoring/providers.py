"""What do the installed provider packages say of themselves?

A package names what it brings (hooks, decorators, triggers, links ...) under the entry point
`apache_airflow_provider`; flowctl knows no list of its own. Airflow's names must be installed
before something of a package is imported. A package that is broken is warned of, and left out.
"""

import logging
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flowctl.authoring.provider_names import distribution_of
from flowctl.late import Late

if TYPE_CHECKING:
    from importlib import metadata
else:
    metadata = Late("importlib.metadata")

GROUP = "apache_airflow_provider"

_RST = str.maketrans("", "", "`_<>")

_log = logging.getLogger(__name__)


class Provider(NamedTuple):
    """One installed package, and what it says of itself."""

    package: str
    version: str
    about: Mapping[str, Any]

    @property
    def description(self) -> str:
        """Return what the package is for, without the signs of reStructuredText."""
        return " ".join(str(self.about.get("description", "")).translate(_RST).split())


class HookClass(NamedTuple):
    """The hook for one type of connection, by its dotted path."""

    conn_type: str
    path: str
    package: str
    about: Mapping[str, Any]


@cache
def installed() -> tuple[Provider, ...]:
    """Return all packages, sorted by name; they are asked once in a process."""
    return tuple(sorted(_installed(), key=lambda provider: provider.package))


def _installed() -> Iterator[Provider]:
    for entry in metadata.entry_points(group=GROUP):
        package = entry.dist.metadata["Name"] if entry.dist else entry.name
        try:
            about = entry.load()()
        except Exception as error:  # the code of a package
            _log.warning("provider package %s is broken: %r", package, error)
        else:
            yield Provider(package, entry.dist.version if entry.dist else "", about)


def named(name: str) -> Provider | None:
    """Return a package by its full name or as in "common.sql"; None when it is not installed."""
    wanted = (name, distribution_of(name))
    return next((provider for provider in installed() if provider.package in wanted), None)


def task_decorators() -> dict[str, str]:
    """Return the dotted paths of decorators that packages add to `@task`, by name."""
    return {
        row["name"]: row["class-name"]
        for provider in installed()
        for row in provider.about.get("task-decorators", ())
    }


def hook_classes() -> dict[str, HookClass]:
    """Return the hooks, by type of connection."""
    return {
        row["connection-type"]: HookClass(
            row["connection-type"], row["hook-class-name"], provider.package, row
        )
        for provider in installed()
        for row in provider.about.get("connection-types", ())
    }
