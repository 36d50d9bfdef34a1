"""Which days a cron expression means.

Plain fields (lists, ranges, steps, names) are sets of numbers, and a day is looked up in them. The
special forms (`L`, `15W`, `5#2`, `L5`) are left to croniter, which is asked for a month at a time:
a question costs it some 50 µs, too much for each step of each schedule.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from croniter import CroniterBadDateError, croniter

from flowctl.core.timetables.contract import NoMoreDates

_MONTHS_KEPT = 64  # of one pattern: catching up walks through them in order
_YEARS_MAX = 50  # as far as croniter looks; 29 February may be 8 years away


class Days:
    """The matching days of an expression that croniter has read."""

    def __init__(self, cron: croniter) -> None:
        """Take the fields for day, month, weekday and, where there is one, year."""
        texts, fields = [str(text) for text in cron.expressions], cron.expanded
        day, month, weekday = (_numbers(field) for field in fields[2:5])
        self._day, self._weekday = day, weekday
        self._months = month or frozenset(range(1, 13))
        self._years = _numbers(fields[6]) if len(fields) > 6 else None
        self._special = _special(texts)
        self._of = lru_cache(_MONTHS_KEPT)(self._days_of)

    def first_from(self, start: date) -> date:
        """Return the first matching day that is not before `start`.

        Raises:
            NoMoreDates: there is none.
        """
        days = self._of(start.year, start.month)
        index = bisect_left(days, start.day)
        if index < len(days):
            return start.replace(day=days[index])
        for year, month in self._months_beyond(start, 1):
            if days := self._of(year, month):
                return date(year, month, days[0])
        raise NoMoreDates

    def last_until(self, end: date) -> date:
        """Return the last matching day that is not after `end`.

        Raises:
            NoMoreDates: there is none.
        """
        days = self._of(end.year, end.month)
        index = bisect_right(days, end.day)
        if index:
            return end.replace(day=days[index - 1])
        for year, month in self._months_beyond(end, -1):
            if days := self._of(year, month):
                return date(year, month, days[-1])
        raise NoMoreDates

    def _months_beyond(self, day: date, step: int) -> Iterator[tuple[int, int]]:
        """Yield year and month after (`step` 1) or before (-1) those of `day`, to the horizon."""
        month = day.year * 12 + day.month - 1
        for number in range(month + step, month + step * (_YEARS_MAX * 12 + 1), step):
            yield number // 12, number % 12 + 1

    def _days_of(self, year: int, month: int) -> tuple[int, ...]:
        if month not in self._months or (self._years and year not in self._years):
            return ()
        if self._special:
            return tuple(_ask_croniter(self._special, year, month))
        first_weekday, length = monthrange(year, month)
        return tuple(
            day for day in range(1, length + 1) if self._is_match(day, (first_weekday + day) % 7)
        )

    def _is_match(self, day: int, weekday: int) -> bool:
        """Say whether a day of a fitting month matches; `weekday` counts from Sunday."""
        if self._day and self._weekday:
            return day in self._day or weekday in self._weekday
        return day in (self._day or (day,)) and weekday in (self._weekday or (weekday,))


def _numbers(field: Sequence[str]) -> frozenset[int]:
    """Return the numbers of a field, none for "any"."""
    return frozenset(int(number) for number in field if str(number).isdigit())


def _special(texts: Sequence[str]) -> str:
    """Return the expression for the days alone if they need croniter, else nothing."""
    day, month, weekday = texts[2:5]
    if not (set(day) & set("lw") or set(weekday) & set("l#")):
        return ""
    return f"0 0 {day} {month} {weekday}"


def _ask_croniter(expression: str, year: int, month: int) -> Iterator[int]:
    """Yield the days of one month."""
    midnight = datetime(year, month, 1)  # noqa: DTZ001 - a wall clock has no zone
    cron = croniter(expression, midnight - timedelta(seconds=1))
    try:
        while (day := cron.get_next(datetime)).month == month and day.year == year:
            yield day.day
    except CroniterBadDateError:
        return
