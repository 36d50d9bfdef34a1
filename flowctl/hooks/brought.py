"""What do the installed provider packages bring? One row for each kind of thing.

The columns are those of Airflow's `providers` commands.
Hooks are asked for their fields only where the package's description does not say them.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flowctl.authoring.providers import HookClass, Provider, hook_classes, installed
from flowctl.hooks.providers import HookError, imported

Rows = Iterator[Mapping[str, Any]]

_log = logging.getLogger(__name__)


def _strings(key: str, column: str) -> Callable[[], Rows]:
    """Return what lists the entries of a package's description, sorted, each once."""

    def rows() -> Rows:
        found = {_text(entry) for provider in installed() for entry in provider.about.get(key, ())}
        return ({column: entry} for entry in sorted(found))

    return rows


def _text(entry: Any) -> str:
    return entry if isinstance(entry, str) else str(entry.get("name", entry))


def _listed() -> Rows:
    return (
        {
            "package_name": provider.package,
            "description": provider.description,
            "version": provider.version,
        }
        for provider in installed()
    )


def _hook_rows() -> Rows:
    for conn_type, found in sorted(hook_classes().items()):
        kind = _asked(found)
        yield {
            "connection_type": conn_type,
            "class": found.path,
            "conn_id_attribute_name": getattr(kind, "conn_name_attr", ""),
            "package_name": found.package,
            "hook_name": found.about.get("hook-name") or getattr(kind, "hook_name", ""),
        }


def _triggers() -> Rows:
    for provider in installed():
        for entry in provider.about.get("triggers", ()):
            for module in entry.get("python-modules", ()):
                yield {
                    "package_name": provider.package,
                    "class": module,
                    "integration_name": entry.get("integration-name", ""),
                }


def _widgets() -> Rows:
    for conn_type, found in sorted(hook_classes().items()):
        for name, kind in sorted(_fields(found).items()):
            yield {
                "connection_parameter_name": f"extra__{conn_type}__{name}",
                "class": found.path.rpartition(".")[2],
                "package_name": found.package,
                "field_type": kind,
            }


def _fields(found: HookClass) -> dict[str, str]:
    """Return the own fields of a type of connection, and what each is."""
    declared = found.about.get("conn-fields")
    if declared is not None:
        return {name: _type_of(field) for name, field in declared.items()}
    return {
        name: getattr(getattr(field, "field_class", field), "__name__", "")
        for name, field in _call(found, "get_connection_form_widgets").items()
    }


def _type_of(field: Mapping[str, Any]) -> str:
    kind = field.get("schema", {}).get("type", "string")
    return kind if isinstance(kind, str) else " or ".join(map(str, kind))


def _behaviours() -> Rows:
    return (
        {"field_behaviours": conn_type}
        for conn_type, found in sorted(hook_classes().items())
        if "ui-field-behaviour" in found.about or _call(found, "get_ui_field_behaviour")
    )


def _configs() -> Rows:
    return (
        {"provider_config": name}
        for name in sorted({name for one in installed() for name in _sections(one)})
    )


def _sections(provider: Provider) -> Mapping[str, Any]:
    found: Mapping[str, Any] = provider.about.get("config") or {}
    return found


def _asked(found: HookClass) -> Any:
    """Return the class of a hook, None with a warning when it cannot be imported."""
    try:
        return imported(found.path)
    except HookError as error:
        _log.warning("%s", error)
        return None


def _call(found: HookClass, name: str) -> Mapping[str, Any]:
    """Return what a hook says of its form; nothing when a library for forms is absent."""
    try:
        answer: Mapping[str, Any] = getattr(imported(found.path), name, dict)()
    except (HookError, ImportError) as error:
        _log.warning("%s does not say its fields here: %s", found.path, error)
        return {}
    return answer


KINDS: Mapping[str, tuple[str, Callable[[], Rows]]] = {
    "list": ("List the installed provider packages.", _listed),
    "hooks": ("List the hooks and their types of connections.", _hook_rows),
    "triggers": ("List the modules of triggers.", _triggers),
    "notifications": (
        "List the notifiers.",
        _strings("notifications", "notification_class_name"),
    ),
    "widgets": ("List the own fields of types of connections.", _widgets),
    "behaviours": ("List the types of connections that change their form.", _behaviours),
    "links": (
        "List the extra links of operators.",
        _strings("extra-links", "extra_link_class_name"),
    ),
    "logging": (
        "List the handlers for logs of tasks.",
        _strings("logging", "logging_class_name"),
    ),
    "secrets": (
        "List the secrets backends.",
        _strings("secrets-backends", "secrets_backend_class_name"),
    ),
    "auth": (
        "List the ways to log in to the API.",
        _strings("auth-backends", "api_auth_backend_module"),
    ),
    "auth-managers": (
        "List the auth managers.",
        _strings("auth-managers", "auth_managers_module"),
    ),
    "executors": ("List the executors.", _strings("executors", "executor_class_names")),
    "configs": ("List the sections of options.", _configs),
}
"""What `flowctl providers` lists: a sentence about it, and who makes the rows."""
