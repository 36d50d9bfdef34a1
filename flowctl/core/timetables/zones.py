"""Time zones by name, and the moments at which their clocks are changed."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from flowctl.core.timetables.contract import ScheduleError

TICK = timedelta(microseconds=1)
"""The smallest step of a datetime."""

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)(?::?(\d\d))?")


@lru_cache(maxsize=1024)  # there are about 600 names
def zone_of(name: str) -> tzinfo:
    """Return the time zone of an IANA name or of a fixed offset such as "+05:30".

    Raises:
        ScheduleError: there is no such zone.
    """
    if fixed := _OFFSET.fullmatch(name):
        sign, hours, minutes, seconds = fixed.groups(default="0")
        offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
        if offset < _DAY:
            return timezone(offset if sign == "+" else -offset)
    elif name in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError) as error:  # also ZoneInfoNotFoundError, a KeyError, see below
        raise _unknown(name) from error
    except KeyError as error:
        raise _unknown(name) from error


def _unknown(name: str) -> ScheduleError:
    return ScheduleError(
        f"time zone {name!r} is not known; "
        "use an IANA name such as 'Europe/Zurich' or an offset such as '+05:30'"
    )


def offset_at(zone: tzinfo, moment: datetime) -> timedelta:
    """Return how far the clocks of `zone` are ahead of UTC at `moment`."""
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def first_shift(zone: tzinfo, after: datetime, until: datetime) -> datetime | None:
    """Return the first moment in (after, until] at which the clocks of `zone` are changed."""
    if isinstance(zone, timezone):
        return None
    for year in range(after.year, until.year + 1):
        for shift in _shifts(zone, year):
            if after < shift:
                return shift if shift <= until else None
    return None


def last_shift(zone: tzinfo, after: datetime, before: datetime) -> datetime | None:
    """Return the last moment in (after, before) at which the clocks of `zone` are changed."""
    if isinstance(zone, timezone):
        return None
    for year in range(before.year, after.year - 1, -1):
        for shift in reversed(_shifts(zone, year)):
            if shift < before:
                return shift if shift > after else None
    return None


@lru_cache(maxsize=4096)  # some years of every zone in use
def _shifts(zone: tzinfo, year: int) -> tuple[datetime, ...]:
    """Return the changes in the year from its first moment, exclusive, to the next, inclusive.

    The standard library knows the changes but does not tell; asking once a day finds them all, as
    no zone has two within a day.
    """
    start = datetime(year, 1, 1, tzinfo=UTC)
    days = [
        start + day * _DAY for day in range((datetime(year + 1, 1, 1, tzinfo=UTC) - start).days)
    ]
    return tuple(
        _shift_between(zone, day, day + _DAY)
        for day in days
        if offset_at(zone, day) != offset_at(zone, day + _DAY)
    )


def _shift_between(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """Return the first moment at which the offset is no longer that of `low`, to the second."""
    before = offset_at(zone, low)
    while high - low > _SECOND:
        middle = low + ((high - low) // 2 // _SECOND) * _SECOND
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high
