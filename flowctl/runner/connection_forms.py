"""`python -m flowctl.runner.connection_forms`: the forms of all types of connection, as JSON.

Hooks are code of provider packages: the web server has them asked there, in a process of its own.
What a package writes down about itself counts more than what its hook says.
"""

import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from flowctl.authoring.providers import HookClass, hook_classes
from flowctl.compat import install
from flowctl.hooks.providers import HookError, imported

STANDARD = ("description", "host", "schema", "login", "password", "port", "extra")


class FieldForm(msgspec.Struct):
    """A field that only this type has; it is kept in `extra` under its name."""

    name: str
    label: str
    kind: str  # of its values: string, integer, boolean ...
    description: str | None
    default: Any
    is_secret: bool


class ConnectionForm(msgspec.Struct):
    """How connections of one type are written down."""

    conn_type: str
    label: str
    package: str | None
    hidden: list[str]  # standard fields that it has no use for
    labels: dict[str, str]  # other names of standard fields
    placeholders: dict[str, str]
    fields: list[FieldForm]
    trouble: str | None  # why its own fields are not known


GENERIC = ConnectionForm("generic", "Generic", None, [], {}, {}, [], None)


def forms() -> list[ConnectionForm]:
    """Return the forms of what the installed packages bring, and the generic one; by type."""
    install()
    found = [_form(one) for _, one in sorted(hook_classes().items())]
    return [GENERIC, *(one for one in found if one.conn_type != GENERIC.conn_type)]


def _form(found: HookClass) -> ConnectionForm:
    trouble, kind = None, None
    if "conn-fields" not in found.about or "ui-field-behaviour" not in found.about:
        try:
            kind = imported(found.path)
        except HookError as error:
            trouble = str(error)
    behaviour = found.about.get("ui-field-behaviour") or _asked(kind, "get_ui_field_behaviour")
    name = found.about.get("hook-name") or getattr(kind, "hook_name", None)
    return ConnectionForm(
        found.conn_type,
        str(name or found.conn_type),
        found.package,
        _names(behaviour, "hidden_fields", "hidden-fields"),
        _texts(behaviour.get("relabeling")),
        _texts(behaviour.get("placeholders")),
        _fields(found, kind),
        trouble,
    )


def _asked(kind: Any, name: str) -> Mapping[str, Any]:
    """Return what a hook says of its form; nothing where a library for forms is absent."""
    try:
        answer: Any = getattr(kind, name, dict)()
    except Exception:  # the code of a package
        return {}
    return answer if isinstance(answer, Mapping) else {}


def _names(behaviour: Mapping[str, Any], *keys: str) -> list[str]:
    found: Any = next((behaviour[key] for key in keys if behaviour.get(key)), [])
    return [str(name) for name in found if name in STANDARD]


def _texts(found: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in dict(found or {}).items()}


def _fields(found: HookClass, kind: Any) -> list[FieldForm]:
    declared = found.about.get("conn-fields")
    if declared is not None:
        return [_declared(name, about) for name, about in declared.items()]
    return [
        _drawn(name, drawn) for name, drawn in _asked(kind, "get_connection_form_widgets").items()
    ]


def _declared(name: str, about: Mapping[str, Any]) -> FieldForm:
    schema = about.get("schema") or {}
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else next((k for k in kinds if k != "null"), "string")
    return FieldForm(
        name,
        str(about.get("label") or name),
        kind,
        about.get("description"),
        schema.get("default"),
        schema.get("format") == "password",
    )


KINDS = {"BooleanField": "boolean", "IntegerField": "integer"}


def _drawn(name: str, drawn: Any) -> FieldForm:
    """Return a field that a hook drew with a library for forms."""
    given = getattr(drawn, "kwargs", {})
    arguments = getattr(drawn, "args", ())
    label = arguments[0] if arguments else given.get("label") or name
    field = getattr(getattr(drawn, "field_class", None), "__name__", "")
    return FieldForm(
        name,
        str(label),
        KINDS.get(field, "string"),
        str(given["description"]) if given.get("description") else None,
        given.get("default") if isinstance(given.get("default"), str | int | bool) else None,
        field == "PasswordField" or "Password" in type(given.get("widget")).__name__,
    )


if __name__ == "__main__":
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what packages print is not the answer
    out.write(msgspec.json.encode(forms()))
