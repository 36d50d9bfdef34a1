"""When does a cron job run, where clocks are changed? Worked out by walking from minute to minute.

It knows nothing of flowctl and of croniter: five plain fields, the zone's offsets as Python's
`zoneinfo` has them, and the two sentences of Debian's cron. A job whose minute or hour field begins
with `*` runs whenever the clock on the wall matches. Any other runs once for each matching time of
the wall clock: the first time that it is shown, or when the clock jumps over it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


@dataclass(frozen=True)
class Job:
    """A cron expression of five fields of numbers, lists, ranges and steps."""

    follows_real_time: bool
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday
    is_either_day: bool  # both kinds of days are restricted: one of them is enough

    def matches(self, wall: datetime) -> bool:
        """Say whether the job runs at this time of the wall clock."""
        if wall.minute not in self.minutes or wall.hour not in self.hours:
            return False
        day, weekday = wall.day in self.days, wall.isoweekday() % 7 in self.weekdays
        fits = (day or weekday) if self.is_either_day else (day and weekday)
        return fits and wall.month in self.months


def job(expression: str) -> Job:
    """Read an expression."""
    texts = expression.split()
    sets = [_numbers(text, *bounds) for text, bounds in zip(texts, BOUNDS, strict=True)]
    minutes, hours, days, months, weekdays = sets
    return Job(
        texts[0].startswith("*") or texts[1].startswith("*"),
        minutes,
        hours,
        days,
        months,
        weekdays,
        is_either_day=texts[2] != "*" and texts[4] != "*",
    )


def _numbers(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        body, _, step = part.partition("/")
        first, _, last = body.partition("-")
        if body == "*":
            begin, end = low, high
        else:
            begin = int(first)
            end = int(last) if last else (high if step else begin)
        found.update(range(begin, end + 1, int(step or 1)))
    return frozenset(found)


def walk(zone: ZoneInfo, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return each minute from `start` to `end`, exclusive, with what the wall clock shows."""
    count = (end - start) // MINUTE
    moments = (start + number * MINUTE for number in range(count))
    return [(moment, moment.astimezone(zone).replace(tzinfo=None)) for moment in moments]


def strikes(of: Job, minutes: list[tuple[datetime, datetime]]) -> Iterator[datetime]:
    """Yield the moments at which a job runs; the clock was not put back just before the first."""
    if of.follows_real_time:
        yield from (moment for moment, wall in minutes if of.matches(wall))
        return
    latest = minutes[0][1] - MINUTE  # that the wall clock has shown so far
    for moment, wall in minutes:
        is_due = False
        while latest < wall:
            latest += MINUTE
            is_due = is_due or of.matches(latest)
        if is_due:
            yield moment


def shifts(zone: ZoneInfo, first_year: int, last_year: int) -> list[datetime]:
    """Return the days, as their first moment in UTC, after which the offset is another."""
    day = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    found = []
    before = day.astimezone(zone).utcoffset()
    while day < end:
        following = day + timedelta(days=1)
        after = following.astimezone(zone).utcoffset()
        if after != before:
            found.append(day)
        day, before = following, after
    return found
