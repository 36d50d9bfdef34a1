"""How do arrays of numpy and tables of pandas go into an XCom, and back, with their types?

As lists of plain values with the type beside them, which other programs can read, too. These
libraries are loaded only where user code has loaded them, or pulls such a value.
"""

from typing import TYPE_CHECKING, Any

from flowctl.authoring.exceptions import SerializationError
from flowctl.late import Late

if TYPE_CHECKING:
    import numpy  # type: ignore[import-not-found,unused-ignore]  # what users have
    import pandas  # type: ignore[import-not-found,import-untyped,unused-ignore]
else:
    numpy, pandas = Late("numpy"), Late("pandas")

_PLAIN_KINDS = "biuf"  # booleans, whole numbers, floating point numbers
_TIME_KINDS = "Mm"


def from_array(array: Any) -> dict[str, Any]:
    """Return an array as plain values.

    Raises:
        SerializationError: its elements are of a type that JSON has no way to write.
    """
    kind = array.dtype.kind
    if kind in _TIME_KINDS:
        return {"type": array.dtype.str, "shape": array.shape, "values": _flat(array.view("i8"))}
    if kind not in _PLAIN_KINDS + "U":
        raise SerializationError(
            f"a numpy array of {array.dtype} cannot be stored as an XCom; return array.tolist()"
        )
    return {"type": array.dtype.str, "shape": array.shape, "values": _flat(array)}


def to_array(plain: Any) -> Any:
    """Return the array."""
    kind = numpy.dtype(plain["type"])
    is_time = kind.kind in _TIME_KINDS
    flat = numpy.array(plain["values"], dtype="i8" if is_time else kind)
    return (flat.view(kind) if is_time else flat).reshape(plain["shape"])


def _flat(array: Any) -> Any:
    return array.reshape(-1).tolist()


def from_series(series: Any) -> dict[str, Any]:
    """Return a column as plain values: its name, its type, its index and what is in it."""
    return {"name": series.name, "index": _from_index(series.index), **_from_values(series)}


def to_series(plain: Any) -> Any:
    """Return the column."""
    index = _to_index(plain["index"])
    return pandas.Series(_to_values(plain), index=index, name=plain["name"])


def from_frame(frame: Any) -> dict[str, Any]:
    """Return a table as plain values: its index, and its columns one by one."""
    return {
        "index": _from_index(frame.index),
        "names": _from_index(frame.columns),
        "columns": [_from_values(frame.iloc[:, place]) for place in range(frame.shape[1])],
    }


def to_frame(plain: Any) -> Any:
    """Return the table."""
    index = _to_index(plain["index"])
    columns = {place: _to_values(column) for place, column in enumerate(plain["columns"])}
    frame = pandas.DataFrame(columns, index=index)
    frame.columns = _to_index(plain["names"])
    return frame


def _from_index(index: Any) -> dict[str, Any]:
    if isinstance(index, pandas.MultiIndex):
        raise SerializationError(
            "a table with several levels in its index cannot be stored as an XCom; return"
            " table.reset_index()"
        )
    if isinstance(index, pandas.RangeIndex):
        return {"range": [index.start, index.stop, index.step], "name": index.name}
    return {"name": index.name, **_from_values(index.to_series())}


def _to_index(plain: Any) -> Any:
    if "range" in plain:
        return pandas.RangeIndex(*plain["range"], name=plain["name"])
    return pandas.Index(_to_values(plain), name=plain["name"])


def _from_values(series: Any) -> dict[str, Any]:
    """Return values with their type; times as whole numbers of their unit."""
    kind = series.dtype
    if kind.kind in _TIME_KINDS:
        return {"type": str(kind), "values": series.array.asi8.tolist()}
    if kind.kind in _PLAIN_KINDS and not pandas.api.types.is_extension_array_dtype(kind):
        return {"type": str(kind), "values": series.tolist()}
    filled = series.astype(object).where(series.notna(), None)
    return {"type": str(kind), "values": filled.tolist()}


def _to_values(plain: Any) -> Any:
    """Return what `_from_values` had."""
    kind, values = plain["type"], plain["values"]
    if not kind.startswith(("datetime64", "timedelta64")):
        return pandas.Series(values, dtype=kind).array
    if "," not in kind:
        return pandas.Series(numpy.array(values, dtype="i8").view(kind)).array
    unit, zone = kind.removeprefix("datetime64[").removesuffix("]").split(", ")
    moments = pandas.Series(numpy.array(values, dtype="i8").view(f"datetime64[{unit}]"))
    return moments.dt.tz_localize("UTC").dt.tz_convert(zone).array
