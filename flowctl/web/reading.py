"""From the text of a request to the types that a route declares, or to a problem in words."""

import json
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, overload

import msgspec

from flowctl.web.problems import BadRequest
from flowctl.web.routes import NoQuery

When = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""A moment in JSON, as `shown` writes it and `moment` reads it."""

Moment = Annotated[datetime, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""A moment in a query."""

DEPTH_MAX = 100
TOO_DEEP = f"the body has lists or objects more than {DEPTH_MAX} deep in each other"


def query(kind: type, given: Mapping[str, Sequence[str]]) -> Any:
    """Return the parameters of a query as `kind`.

    Names that the route does not know are left alone, as Airflow does.

    Raises:
        BadRequest: one has the wrong form.
    """
    if kind is NoQuery:
        return NoQuery()
    found: dict[str, Any] = {}
    for name, shape in _shapes(kind).items():
        values = given.get(name)
        if values:
            if any("\0" in value for value in values):
                raise BadRequest(f"{name}: a text cannot hold the character NUL")
            found[name] = _value(name, shape, values)
    try:
        return msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from None


def body(decoder: "msgspec.json.Decoder[Any]", content: bytes) -> Any:
    """Return the body of a request.

    Raises:
        BadRequest: it is no JSON, or not of the form that the route declares.
    """
    if rb"\u0000" in content:
        raise BadRequest("the body: a text cannot hold the character NUL")
    try:
        found = _decoded(decoder, content or b"{}")
        if content.count(b"[") + content.count(b"{") > DEPTH_MAX:
            _check_depth(msgspec.json.decode(content))
        return found
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise BadRequest(TOO_DEEP) from None


def _decoded(decoder: "msgspec.json.Decoder[Any]", content: bytes) -> Any:
    try:
        return decoder.decode(content)
    except msgspec.ValidationError:
        return msgspec.convert(_with_whole_numbers(msgspec.json.decode(content)), decoder.type)


def _with_whole_numbers(value: Any) -> Any:
    """Return JSON with 3 for 3.0: to some who write JSON these are the same number."""
    if isinstance(value, dict):
        return {name: _with_whole_numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_depth(value: Any, left: int = DEPTH_MAX) -> None:
    """Make sure that whoever reads the value later can do so.

    Raises:
        BadRequest: its lists and objects lie too deep in each other.
    """
    if not isinstance(value, dict | list):
        return
    if not left:
        raise BadRequest(TOO_DEEP)
    for part in value.values() if isinstance(value, dict) else value:
        _check_depth(part, left - 1)


@cache
def _shapes(kind: type) -> dict[str, tuple[type, bool]]:
    """Return the type of each field, and whether it may be given several times."""
    return {name: _shape(hint) for name, hint in typing.get_type_hints(kind).items()}


def _shape(hint: Any) -> tuple[type, bool]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if typing.get_origin(hint) in (list, tuple):
        return typing.get_args(hint)[0], True
    return hint, False


def _value(name: str, shape: tuple[type, bool], values: Sequence[str]) -> Any:
    kind, is_list = shape
    if is_list:
        return [part for value in values for part in value.split(",")]
    if kind is not str and values[0].lower() == "null":
        raise BadRequest(f"{name}: null is no value of it; leave it out")
    return moment(name, values[0]) if kind is datetime else values[0]


def moment(name: str, text: str) -> datetime:
    """Return the moment that a text says; without a zone it is UTC.

    A "+" of the zone that came unescaped is a blank by now.

    Raises:
        BadRequest: it says none.
    """
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text)
        if found.tzinfo is None:
            return found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"{name}: {text!r} is no moment; write 2026-03-01T06:00:00+00:00"
        ) from None


@overload
def shown(value: datetime) -> str: ...
@overload
def shown(value: None) -> None: ...
def shown(value: datetime | None) -> str | None:
    """Return a moment as answers have it."""
    return None if value is None else value.astimezone(UTC).isoformat()


def seconds(start: datetime | None, end: datetime | None) -> float | None:
    """Return how long something took; None where it did not begin or end."""
    return None if start is None or end is None else (end - start).total_seconds()


def json_text(value: Any) -> str:
    """Return JSON for a person."""
    return json.dumps(value, ensure_ascii=False)
