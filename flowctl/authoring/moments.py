"""Which moment is meant by a date in a DAG file, and in which zone does its schedule tick?"""

from datetime import UTC, datetime, tzinfo
from typing import Any

import pendulum

from flowctl.authoring import timezone
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.settings import defaults


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
        return pendulum.instance(value).timezone
    return default_zone()


def utc_moment(value: Any, what: str, zone: tzinfo | None = None) -> Any:
    """Return a date as a pendulum datetime in UTC; None stays None.

    Args:
        value: a datetime, or a text that says one.
        what: names the date in the error.
        zone: where a date without a zone is meant; default is the zone of the configuration.

    Raises:
        AirflowException: it is no date.
    """
    if value is None:
        return None
    zone = zone or default_zone()
    if isinstance(value, str):
        try:
            value = _parsed(value, zone)
        except ValueError as error:
            raise AirflowException(f"{what} is {value!r}, which is no date: {error}") from None
    if not isinstance(value, datetime):
        raise AirflowException(f"{what} is a datetime, not {value!r}")
    aware = timezone.coerce_datetime(value, None if value.tzinfo else zone)
    return timezone.convert_to_utc(aware)


def plain_utc(value: datetime) -> datetime:
    """Return an aware datetime, perhaps one of pendulum's, as one of the standard library in UTC.

    Arithmetic inside flowctl needs these: pendulum's stay pendulum's through `astimezone`, and what
    they do with walls and folds differs.
    """
    utc = value.astimezone(UTC)
    return datetime.combine(utc.date(), utc.time(), UTC)


def _parsed(text: str, zone: tzinfo) -> Any:
    return timezone.parse(text, zone)
