"""How do DAG files make, read and change aware datetimes? (`airflow.utils.timezone`)

pendulum stands here, at the border to user code: DAG files expect its datetimes back. Inside,
flowctl has aware UTC datetimes of the standard library only.
"""

import datetime as dt
from typing import Any

import pendulum
from pendulum import tz as zones

from flowctl import clock

utc = pendulum.timezone("UTC")

_UNITS = (("y", 360 * 86400), ("m", 30 * 86400), ("d", 86400), ("h", 3600), ("M", 60), ("s", 1))
"""Letters of `td_format`: twelve months of 30 days are a year, as in Airflow."""


def utcnow() -> dt.datetime:
    """Return the present moment in UTC."""
    return clock.utcnow().replace(tzinfo=utc)


def utc_epoch() -> dt.datetime:
    """Return 1970-01-01 in UTC."""
    return datetime(1970, 1, 1)


def datetime(*args: Any, **kwargs: Any) -> dt.datetime:
    """Return `datetime.datetime(...)`, in UTC where no `tzinfo` is given."""
    return dt.datetime(*args, **{"tzinfo": utc, **kwargs})  # noqa: DTZ001 - it has one


def is_localized(value: dt.datetime) -> bool:
    """Say whether `value` knows its offset from UTC."""
    return value.utcoffset() is not None


def is_naive(value: dt.datetime) -> bool:
    """Say whether `value` does not know its offset from UTC."""
    return not is_localized(value)


def make_aware(value: dt.datetime | None, timezone: dt.tzinfo | None = None) -> dt.datetime | None:
    """Return the moment at which clocks in `timezone` (default UTC) show `value`; None for None.

    Of a wall time that happens twice, the second.

    Raises:
        ValueError: `value` is aware already.
    """
    if value is None:
        return None
    if is_localized(value):
        raise ValueError(f"{value} has a time zone already; use astimezone()")
    return value.replace(tzinfo=timezone or utc, fold=1)


def make_naive(value: dt.datetime, timezone: dt.tzinfo | None = None) -> dt.datetime:
    """Return what clocks in `timezone` (default UTC) show at the moment `value`.

    Raises:
        ValueError: `value` has no time zone.
    """
    if is_naive(value):
        raise ValueError(f"{value} has no time zone to take away")
    return value.astimezone(timezone or utc).replace(tzinfo=None, fold=0)


def convert_to_utc(value: dt.datetime | None) -> pendulum.DateTime | None:
    """Return `value` in UTC; one without a time zone is taken as UTC, None stays None."""
    return None if value is None else pendulum.instance(value, tz=utc).in_timezone(utc)


def coerce_datetime(v: dt.datetime | None, tz: dt.tzinfo | None = None) -> pendulum.DateTime | None:
    """Return `v` as an aware pendulum datetime, in `tz` where that is given.

    A value without a time zone is a wall time of `tz`, or of UTC.
    """
    if v is None:
        return None
    aware = v if is_localized(v) else v.replace(tzinfo=tz or utc, fold=1)
    return pendulum.instance(aware.astimezone(tz) if tz else aware)


def parse(
    string: str, timezone: str | dt.tzinfo | None = None, *, strict: bool = False
) -> pendulum.DateTime:
    """Return the moment that `string` names; without an offset it is in `timezone`, or in UTC."""
    moment: Any = pendulum.parse(string, tz=timezone or utc, strict=strict)
    return moment if isinstance(moment, pendulum.DateTime) else pendulum.instance(moment)


def parse_timezone(name: str | int) -> pendulum.Timezone | pendulum.FixedTimezone:
    """Return the zone with this IANA name, or the fixed offset of so many seconds."""
    return pendulum.timezone(name)


def local_timezone() -> pendulum.Timezone | pendulum.FixedTimezone:
    """Return the zone of this machine."""
    return zones.get_local_timezone()


def from_timestamp(timestamp: float, tz: Any = utc) -> pendulum.DateTime:
    """Return the moment `timestamp` seconds after 1970; `tz` is a zone, its name or "local"."""
    zone: Any = local_timezone() if tz == "local" else tz
    return pendulum.from_timestamp(timestamp, tz=zone)


def td_format(td_object: dt.timedelta | float | None) -> str | None:
    """Return a duration, or seconds, for reading: "1d:1h:1M:1s"; None for nothing or zero."""
    if not td_object:
        return None
    total_s = td_object.total_seconds() if isinstance(td_object, dt.timedelta) else td_object
    rest_s = int(total_s)
    parts = []
    for letter, size_s in _UNITS:
        count, rest_s = divmod(rest_s, size_s)
        if count:
            parts.append(f"{count}{letter}")
    return ":".join(parts) or "<1s"
