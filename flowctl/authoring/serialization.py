"""How does a Python value become the text of an XCom, and back? As JSON, never as a pickle.

Plain values are plain JSON, as other languages would write them. What JSON cannot say is written as
`{"__type__": name, "value": ...}`; `_ROWS` is the table of those, `objects` has users' own
classes. A user's dict that happens to have a key "__type__" is wrapped the same way, so that no
data can pass for a tag.
"""

import json
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from flowctl.authoring.exceptions import SerializationError
from flowctl.late import Late, is_a

if TYPE_CHECKING:
    import base64
    import decimal
    import pathlib
    import uuid
    import zoneinfo

    import pendulum

    from flowctl.authoring import frames, objects
else:
    frames, objects = Late("flowctl.authoring.frames"), Late("flowctl.authoring.objects")
    pathlib = Late("pathlib")
    base64, decimal, uuid = Late("base64"), Late("decimal"), Late("uuid")
    pendulum, zoneinfo = Late("pendulum"), Late("zoneinfo")

TAG = "__type__"


class _Row(NamedTuple):
    """A type that JSON lacks: its tag, the class by name, and the way there and back."""

    tag: str
    kind: str
    to_plain: Callable[[Any], Any]
    from_plain: Callable[[Any], Any]


def _from_datetime(value: datetime) -> Any:
    zone = getattr(value.tzinfo, "key", None) or getattr(value.tzinfo, "name", None)
    has_name = isinstance(zone, str) and zone != "UTC" and zone[:1] not in "+-"  # offsets have none
    return [value.isoformat(), zone] if has_name else value.isoformat()


def _to_datetime(plain: Any) -> datetime:
    if isinstance(plain, str):
        return datetime.fromisoformat(plain)
    text, zone = plain
    return datetime.fromisoformat(text).astimezone(zoneinfo.ZoneInfo(zone))


_ROWS = (  # the first row that fits is taken: a subclass stands above its parent
    _Row("tuple", "builtins.tuple", list, tuple),
    _Row("set", "builtins.set", list, set),
    _Row("frozenset", "builtins.frozenset", list, frozenset),
    _Row(
        "bytes",
        "builtins.bytes",
        lambda v: base64.b64encode(v).decode(),
        lambda p: base64.b64decode(p),
    ),
    _Row(
        "pendulum",
        "pendulum.DateTime",
        _from_datetime,
        lambda p: pendulum.instance(_to_datetime(p)),
    ),
    _Row("datetime", "datetime.datetime", _from_datetime, _to_datetime),
    _Row("date", "datetime.date", date.isoformat, date.fromisoformat),
    _Row("time", "datetime.time", time.isoformat, time.fromisoformat),
    _Row(
        "timedelta",
        "datetime.timedelta",
        lambda v: [v.days, v.seconds, v.microseconds],
        lambda plain: timedelta(*plain),
    ),
    _Row("decimal", "decimal.Decimal", str, lambda p: decimal.Decimal(p)),
    _Row("uuid", "uuid.UUID", str, lambda p: uuid.UUID(p)),
    _Row("path", "pathlib.PurePath", str, lambda p: pathlib.Path(p)),
    _Row("array", "numpy.ndarray", lambda v: frames.from_array(v), lambda p: frames.to_array(p)),
    _Row("frame", "pandas.DataFrame", lambda v: frames.from_frame(v), lambda p: frames.to_frame(p)),
    _Row("series", "pandas.Series", lambda v: frames.from_series(v), lambda p: frames.to_series(p)),
)
_READERS: dict[str, Callable[[Any], Any]] = {row.tag: row.from_plain for row in _ROWS} | {
    "float": float,
    "dict": dict,
    "object": lambda p: objects.put_together(p),
}


def dumps(value: Any, *, is_xcom: bool = False) -> str:
    """Return `value` as JSON text.

    Keys of dicts become texts, as Airflow 2.10 has it; members of an Enum become their values.

    Args:
        is_xcom: tuples in lists and dicts become lists, as in the XComs of Airflow 2.10: rows that
            a database gave render as `[[1, 2]]`, and can be added to.

    Raises:
        SerializationError: something in `value` cannot be written; the message says what and where.
    """
    try:
        if is_xcom and isinstance(value, list | dict):
            value = _with_lists(value)
        return json.dumps(_plain(value, "value"), separators=(",", ":"), allow_nan=False)
    except RecursionError:
        raise SerializationError(
            "the value contains itself, or is nested too deeply; return a flat dict or list"
        ) from None


def loads(text: str | bytes) -> Any:
    """Return the value that `dumps` wrote as `text`.

    Raises:
        SerializationError: the text was not written by `dumps`.
    """
    try:
        return json.loads(text, object_hook=_revived)
    except SerializationError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise SerializationError(f"this is not a value that flowctl stored: {error}") from error


class XComEncoder(json.JSONEncoder):
    """For `json.dumps(value, cls=XComEncoder)`: what `dumps` writes."""

    def encode(self, o: Any) -> str:
        return dumps(o, is_xcom=True)


class XComDecoder(json.JSONDecoder):
    """For `json.loads(text, cls=XComDecoder)`: what `loads` reads."""

    def __init__(self, **_: Any) -> None:
        super().__init__(object_hook=_revived)


class WebEncoder(json.JSONEncoder):
    """For people to read: dates as texts, decimals as numbers, anything else as its `repr`."""

    def default(self, o: Any) -> Any:
        if isinstance(o, date):
            return o.isoformat()
        if is_a(o, "decimal.Decimal"):
            return int(o) if o == o.to_integral_value() else float(o)
        return o.decode(errors="replace") if isinstance(o, bytes) else repr(o)


def _revived(found: dict[str, Any]) -> Any:
    if TAG in found:
        return _READERS[found[TAG]](found["value"])
    return found


def _plain(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bool | int):
        return value if not isinstance(value, Enum) else _plain(value.value, where)
    if isinstance(value, Enum):
        return _plain(value.value, where)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else {TAG: "float", "value": str(value)}
    if isinstance(value, dict):
        return _plain_dict(value, where)
    if isinstance(value, list) or is_a(value, "flowctl.authoring.xcom.LazyXComSelectSequence"):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    for row in _ROWS:
        if is_a(value, row.kind):
            return {TAG: row.tag, "value": _plain(row.to_plain(value), where)}
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return _plain(value.tolist(), where)
    parts = objects.taken_apart(value)
    if parts is not None:
        return {TAG: "object", "value": _plain(parts, where)}
    raise SerializationError(
        f"{where} is a {type(value).__module__}.{type(value).__qualname__}, which cannot be stored"
        " as an XCom; return plain values (text, numbers, lists, dicts, dates), or write it to a"
        " file and return its path, or set do_xcom_push=False"
    )


def _plain_dict(value: dict[Any, Any], where: str) -> dict[str, Any]:
    plain = {_key(key): _plain(item, f"{where}[{key!r}]") for key, item in value.items()}
    return {TAG: "dict", "value": list(plain.items())} if TAG in plain else plain


def _key(key: Any) -> str:
    """Return a key as text; JSON has words of its own for these three."""
    return json.dumps(key) if key is None or key is True or key is False else str(key)


def _with_lists(value: Any) -> Any:
    """Return a value with lists in place of the tuples in its lists and dicts."""
    if isinstance(value, dict):
        return {key: _with_lists(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_lists(item) for item in value]
    return value
