"""How are durations and zones of timetables written as plain data?"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flowctl.authoring.exceptions import AirflowTimetableInvalid
from flowctl.core.spec import ScheduleSpec
from flowctl.late import Late, is_a

if TYPE_CHECKING:
    from dateutil import relativedelta
else:
    relativedelta = Late("dateutil.relativedelta")

_NAMES = ("years", "months", "days", "hours", "minutes", "seconds", "microseconds")
_ABSOLUTE = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def parts(delta: Any) -> dict[str, Any]:
    """Return the keyword arguments that make a relativedelta again.

    Raises:
        AirflowTimetableInvalid: it is none.
    """
    if not is_a(delta, "dateutil.relativedelta.relativedelta"):
        raise AirflowTimetableInvalid(f"a duration is a timedelta or relativedelta, not {delta!r}")
    found = {name: getattr(delta, name) for name in _NAMES if getattr(delta, name)}
    found |= {name: getattr(delta, name) for name in _ABSOLUTE if getattr(delta, name) is not None}
    if delta.weekday is not None:
        found["weekday"] = delta.weekday.weekday
    return found


def length_fields(interval: Any) -> dict[str, Any]:
    """Return the fields of a `ScheduleSpec` that say how far the data of a run reaches back."""
    if isinstance(interval, timedelta):
        return {"interval": interval} if interval else {}
    return {"relative_interval": parts(interval)}


def length_of(spec: ScheduleSpec) -> Any:
    """Return what `length_fields` was told."""
    if spec.relative_interval:
        return from_plain(spec.relative_interval)
    return spec.interval or timedelta(0)


def to_plain(length: Any) -> Any:
    """Return seconds, or the parts of a relativedelta."""
    return length.total_seconds() if isinstance(length, timedelta) else parts(length)


def from_plain(plain: Any) -> Any:
    """Return the duration that `to_plain` wrote."""
    if isinstance(plain, dict):
        arguments: dict[str, Any] = plain
        return relativedelta.relativedelta(**arguments)
    return timedelta(seconds=plain)


def zone_text(zone: Any) -> str:
    """Return the name of a zone, whatever library it is of."""
    return str(getattr(zone, "name", None) or getattr(zone, "key", None) or zone)
