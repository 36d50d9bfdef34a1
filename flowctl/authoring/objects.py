"""How do objects of the user's own classes go into an XCom, and which may come out of one?

Dataclasses, attrs classes, pydantic models, and classes with `serialize()` and `deserialize(data,
version)`. Only classes that the site allows are made from an XCom again, since whoever can write
one would choose the class: `[core] allowed_deserialization_classes`, as in Airflow.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from flowctl.authoring.dotted_names import import_string, qualname
from flowctl.authoring.exceptions import SerializationError
from flowctl.authoring.settings import stored
from flowctl.late import Late

if TYPE_CHECKING:
    import fnmatch
else:
    fnmatch = Late("fnmatch")


def taken_apart(value: Any) -> dict[str, Any] | None:
    """Return the class and the fields of an object, None when it is of no class that we know."""
    kind = type(value)
    for has, fields, _ in _KINDS:
        if hasattr(kind, has):
            return {"class": qualname(kind), "fields": fields(value)}
    return None


def put_together(plain: Mapping[str, Any]) -> Any:
    """Return the object.

    Raises:
        SerializationError: its class is not allowed, is gone, or refuses the fields.
    """
    name = plain["class"]
    if not _is_allowed(name, *stored.xcom_classes):
        raise SerializationError(
            f"an XCom is a {name}, which may not be made here; add the class to [core]"
            f" allowed_deserialization_classes (AIRFLOW__CORE__ALLOWED_DESERIALIZATION_CLASSES)"
        )
    try:
        kind = import_string(name)
        make = next(make for has, _, make in _KINDS if hasattr(kind, has))
        return make(kind, plain["fields"])
    except (ImportError, StopIteration) as error:
        raise SerializationError(f"an XCom is a {name}, which cannot be found: {error}") from error
    except (TypeError, ValueError) as error:
        raise SerializationError(f"an XCom cannot be made into a {name}: {error}") from error


@cache
def _is_allowed(name: str, patterns: str, expressions: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split()) or any(
        re.match(expression, name) for expression in expressions.split()
    )


def _of_dataclass(value: Any) -> dict[str, Any]:
    fields = type(value).__dataclass_fields__.values()
    return {field.name: getattr(value, field.name) for field in fields if field.init}


def _of_attrs(value: Any) -> dict[str, Any]:
    fields = type(value).__attrs_attrs__
    return {field.alias: getattr(value, field.name) for field in fields if field.init}


def _of_own(value: Any) -> dict[str, Any]:
    return {"version": getattr(type(value), "__version__", 1), "data": value.serialize()}


_KINDS: tuple[tuple[str, Callable[[Any], Any], Callable[[Any, Any], Any]], ...] = (
    ("deserialize", _of_own, lambda kind, plain: kind.deserialize(plain["data"], plain["version"])),
    ("__pydantic_validator__", lambda value: value.model_dump(), lambda k, p: k.model_validate(p)),
    ("__dataclass_fields__", _of_dataclass, lambda kind, plain: kind(**plain)),
    ("__attrs_attrs__", _of_attrs, lambda kind, plain: kind(**plain)),
)
"""What tells a kind of class, the way to its fields, and the way back."""
