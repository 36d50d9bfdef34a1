"""A cron expression as dates on a wall clock, without any time zone.

croniter reads the expression and finds the matching days, with all its special forms (`L`, `W`,
`5#2`, names, day or weekday). The times within a day are a sorted list, so that a step costs a
bisection and not a search.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import product

from croniter import CroniterBadDateError, CroniterError, croniter

from flowctl.core.timetables.contract import ScheduleError

_DAY = timedelta(days=1)
_RANDOM = re.compile(r"(?<![a-z])r(?![a-z])")
_SOME_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - a wall clock has no zone
_DAYS_KEPT = 1024  # matching days remembered for each pattern


class NoMoreDates(Exception):
    """The pattern names years, and there is none left in this direction."""


class Pattern:
    """The wall times, naive datetimes, that match a cron expression of 5, 6 or 7 fields.

    The sixth field counts seconds and the seventh years, as croniter has it.
    """

    def __init__(self, expression: str) -> None:
        """Read the expression.

        Raises:
            ScheduleError: it is no cron expression, or no date ever matches it.
        """
        cron = _read(expression)
        fields = [str(field) for field in cron.expressions]
        self.follows_real_time = fields[0].startswith("*") or fields[1].startswith("*")
        self._times = _times_of_day(cron.expanded)
        self._day_from = lru_cache(_DAYS_KEPT)(_days(fields, croniter.get_next, -_DAY))
        self._day_until = lru_cache(_DAYS_KEPT)(_days(fields, croniter.get_prev, _DAY))
        if not self._has_dates():
            raise ScheduleError(f"schedule {expression!r} names a date that never comes")

    def after(self, wall: datetime) -> datetime:
        """Return the first match after `wall`.

        Raises:
            NoMoreDates: there is none.
        """
        midnight, seconds = _split(wall)
        day = self._day_from(midnight)
        index = bisect_right(self._times, seconds) if day == midnight else 0
        if index == len(self._times):
            day, index = self._day_from(midnight + _DAY), 0
        return day + timedelta(seconds=self._times[index])

    def before(self, wall: datetime) -> datetime:
        """Return the last match before `wall`.

        Raises:
            NoMoreDates: there is none.
        """
        midnight, seconds = _split(wall)
        day = self._day_until(midnight)
        index = len(self._times)
        if day == midnight:
            index = bisect_left(self._times, seconds + bool(wall.microsecond))
        if index == 0:
            day, index = self._day_until(midnight - _DAY), len(self._times)
        return day + timedelta(seconds=self._times[index - 1])

    def _has_dates(self) -> bool:
        for look in (self._day_from, self._day_until):
            try:
                look(_SOME_DAY)
            except NoMoreDates:
                continue
            return True
        return False


def _read(expression: str) -> croniter:
    """Let croniter read the expression; refuse what would mean another schedule at each reading."""
    if _RANDOM.search(expression.lower()):
        raise ScheduleError(
            f"schedule {expression!r} has a random field (R), which would change at every parse of "
            "the DAG file; write a fixed value"
        )
    try:
        return croniter(expression)
    except (CroniterError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScheduleError(
            f"schedule {expression!r} is not a cron expression ({str(error).rstrip(chr(46))}); "
            "it needs five fields (minute, hour, day, month, weekday) or a preset such as '@daily'"
        ) from error


def _times_of_day(expanded: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the matching times of any day, in seconds from midnight, sorted."""
    minutes, hours = _numbers(expanded[0], 60), _numbers(expanded[1], 24)
    seconds = _numbers(expanded[5], 60) if len(expanded) > 5 else [0]
    return tuple(
        hour * 3600 + minute * 60 + second
        for hour, minute, second in product(hours, minutes, seconds)
    )


def _numbers(field: Sequence[str], count: int) -> list[int]:
    return list(range(count)) if "*" in field else sorted(int(number) for number in field)


def _days(
    fields: list[str], step: Callable[[croniter, type[datetime]], datetime], back: timedelta
) -> Callable[[datetime], datetime]:
    """Return the function that finds the matching day at or beyond a midnight, in one direction."""
    days = fields[2:5]
    years = fields[6:]
    if not years and all(field in ("*", "?") for field in days):
        return lambda midnight: midnight
    expression = " ".join(["0", "0", *days, *(["0", *years] if years else [])])

    def find(midnight: datetime) -> datetime:
        try:
            return step(croniter(expression, midnight + back), datetime)
        except CroniterBadDateError as error:
            raise NoMoreDates from error

    return find


def _split(wall: datetime) -> tuple[datetime, int]:
    """Return the midnight before `wall` and the full seconds since."""
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight, wall.hour * 3600 + wall.minute * 60 + wall.second
