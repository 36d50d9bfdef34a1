"""Which moment is meant by a date in a DAG file, and in which zone does its schedule tick?

Dates of DAGs and tasks are kept as plain datetimes in UTC and shown to user code as pendulum's. A
plain date without a zone, or in UTC, is understood without pendulum, which takes 2 MB and 30 ms.
"""

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.settings import defaults
from flowctl.late import Late

if TYPE_CHECKING:
    import pendulum

    from flowctl.authoring import timezone
else:
    timezone = Late("flowctl.authoring.timezone")


class ShownDate:
    """A date of a DAG or task: its owner keeps it plain as `_name`; user code reads pendulum's.

    What user code sets itself is kept and read as it is, unless it is plain and in UTC.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._kept = f"_{name}"

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        value = getattr(owner, self._kept)
        is_plain = type(value) is datetime and value.tzinfo is UTC
        return shown(value) if is_plain else value

    def __set__(self, owner: Any, value: Any) -> None:
        setattr(owner, self._kept, value)


def shown(value: datetime, zone: tzinfo | None = None) -> "pendulum.DateTime":
    """Return a datetime as Airflow's users know it; one without a zone is a wall time of `zone`."""
    known = timezone.coerce_datetime(value, zone)
    assert known is not None
    return known


def default_zone() -> Any:
    """Return the zone of dates that name none."""
    if defaults.timezone == "system":
        return timezone.local_timezone()
    return timezone.parse_timezone(defaults.timezone)


def zone_of(value: Any) -> Any:
    """Return the zone that a date names; that of the configuration where it names none."""
    if isinstance(value, str):
        value = _parsed(value, default_zone())
    if isinstance(value, datetime) and value.tzinfo is not None:
        return shown(value).timezone
    return default_zone()


def zone_name(value: Any) -> str:
    """Return the name of `zone_of(value)`."""
    if _plainly_utc(value) is not None or (value is None and _default_is_utc()):
        return "UTC"
    zone = zone_of(value)
    return str(getattr(zone, "name", None) or zone)


def utc_moment(value: Any, what: str, zone: tzinfo | None = None) -> datetime | None:
    """Return a date as a datetime of the standard library in UTC; None stays None.

    Args:
        value: a datetime, or a text that says one.
        what: names the date in the error.
        zone: where a date without a zone is meant; default is the zone of the configuration.

    Raises:
        AirflowException: it is no date.
    """
    if value is None:
        return None
    plain = None if zone else _plainly_utc(value)
    if plain is not None:
        return plain
    zone = zone or default_zone()
    if isinstance(value, str):
        try:
            value = _parsed(value, zone)
        except ValueError as error:
            raise AirflowException(f"{what} is {value!r}, which is no date: {error}") from None
    if not isinstance(value, datetime):
        raise AirflowException(f"{what} is a datetime, not {value!r}")
    return plain_utc(shown(value, None if value.tzinfo else zone))


def plain_utc(value: datetime) -> datetime:
    """Return an aware datetime, perhaps one of pendulum's, as one of the standard library in UTC.

    Arithmetic inside flowctl needs these: pendulum's stay pendulum's through `astimezone`, and what
    they do with walls and folds differs.
    """
    utc = value.astimezone(UTC)
    return datetime.combine(utc.date(), utc.time(), UTC)


def _plainly_utc(value: Any) -> datetime | None:
    """Return a plain date that is in UTC by what it says or by default; None for any other."""
    if type(value) is not datetime:
        return None
    if value.tzinfo is UTC or (value.tzinfo is None and _default_is_utc()):
        return value.replace(tzinfo=UTC, fold=0)
    return None


def _default_is_utc() -> bool:
    return defaults.timezone.lower() == "utc"


def _parsed(text: str, zone: tzinfo) -> Any:
    return timezone.parse(text, zone)
