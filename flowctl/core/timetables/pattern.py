"""A cron expression as dates on a wall clock, without any time zone.

croniter reads the expression. The times within a day are a sorted list and the days of a month
another, so that a step costs two bisections and not a search.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import product

from croniter import CroniterError, croniter

from flowctl.core.timetables.contract import NoMoreDates, ScheduleError
from flowctl.core.timetables.days import Days

_DAY = timedelta(days=1)
_RANDOM = re.compile(r"(?<![a-z])r(?![a-z])")
_SOME_DAY = date(2000, 1, 1)


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
        minute, hour = str(cron.expressions[0]), str(cron.expressions[1])
        self.follows_real_time = minute.startswith("*") or hour.startswith("*")
        self._times = _times_of_day(cron.expanded)
        self._days = Days(cron)
        if not self._has_days():
            raise ScheduleError(f"schedule {expression!r} names a date that never comes")

    def after(self, wall: datetime) -> datetime:
        """Return the first match after `wall`.

        Raises:
            NoMoreDates: there is none.
        """
        today = wall.date()
        day = self._days.first_from(today)
        index = bisect_right(self._times, _seconds(wall)) if day == today else 0
        if index == len(self._times):
            day, index = self._days.first_from(today + _DAY), 0
        return _at(day, self._times[index])

    def before(self, wall: datetime) -> datetime:
        """Return the last match before `wall`.

        Raises:
            NoMoreDates: there is none.
        """
        today = wall.date()
        day = self._days.last_until(today)
        index = len(self._times)
        if day == today:
            index = bisect_left(self._times, _seconds(wall) + bool(wall.microsecond))
        if index == 0:
            day, index = self._days.last_until(today - _DAY), len(self._times)
        return _at(day, self._times[index - 1])

    def _has_days(self) -> bool:
        for look in (self._days.first_from, self._days.last_until):
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
            f"schedule {expression!r} is not a cron expression ({str(error).rstrip('.')}); "
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


def _seconds(wall: datetime) -> int:
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def _at(day: date, seconds: int) -> datetime:
    return datetime.combine(day, time(seconds // 3600, seconds // 60 % 60, seconds % 60))
