"""The installed provider packages as packages themselves ask for them. (`ProvidersManager`)

A view of `flowctl.authoring.providers`; everything is read when it is asked for.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.providers import HookClass, hook_classes, installed, task_decorators
from flowctl.hooks.providers import HookError, imported


class ProviderInfo(NamedTuple):
    """One package."""

    version: str
    data: Mapping[str, Any]


class HookInfo(NamedTuple):
    """The hook of one type of connection."""

    hook_class_name: str
    connection_id_attribute_name: str
    package_name: str
    hook_name: str
    connection_type: str
    connection_testable: bool
    dialects: tuple[str, ...] = ()


class DialectInfo(NamedTuple):
    """How one kind of database wants its SQL."""

    name: str
    dialect_class_name: str
    provider_name: str


class ProvidersManager:
    """What the packages bring, under Airflow's names."""

    @property
    def providers(self) -> dict[str, ProviderInfo]:
        """Return all packages by name."""
        return {one.package: ProviderInfo(one.version, one.about) for one in installed()}

    @property
    def hooks(self) -> dict[str, HookInfo | None]:
        """Return the hooks by type of connection; None where one cannot be imported."""
        return {name: _hook(found) for name, found in sorted(hook_classes().items())}

    @property
    def taskflow_decorators(self) -> dict[str, Callable[..., Any]]:
        """Return the decorators that packages add to `@task`."""
        return {name: import_string(path) for name, path in task_decorators().items()}

    @property
    def dialects(self) -> dict[str, DialectInfo]:
        """Return what packages know of kinds of databases."""
        return {
            row["dialect-type"]: DialectInfo(
                row["dialect-type"], row["dialect-class-name"], one.package
            )
            for one in installed()
            for row in one.about.get("dialects", ())
        }

    @property
    def extra_links_class_names(self) -> list[str]:
        """Return the links that packages add to operators."""
        return _all("extra-links")

    @property
    def logging_class_names(self) -> list[str]:
        """Return the handlers for logs of tasks."""
        return _all("logging")

    @property
    def secrets_backend_class_names(self) -> list[str]:
        """Return the secrets backends."""
        return _all("secrets-backends")

    @property
    def executor_class_names(self) -> list[str]:
        """Return the executors."""
        return _all("executors")

    @property
    def filesystem_module_names(self) -> list[str]:
        """Return the modules that know kinds of storage."""
        return _all("filesystems")


def _all(key: str) -> list[str]:
    entries = [entry for one in installed() for entry in one.about.get(key, ())]
    return sorted({entry if isinstance(entry, str) else entry["name"] for entry in entries})


def _hook(found: HookClass) -> HookInfo | None:
    try:
        kind = imported(found.path)
    except HookError:
        return None
    return HookInfo(
        found.path,
        getattr(kind, "conn_name_attr", ""),
        found.package,
        str(found.about.get("hook-name") or getattr(kind, "hook_name", "")),
        found.conn_type,
        hasattr(kind, "test_connection"),
    )
