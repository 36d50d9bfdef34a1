"""The strikes of cron expressions in all time zones, against a walk from minute to minute.

CRON_SWEEP=all looks at every change of the clocks in every zone from 2016 to 2036, and at whole
years between them. The default takes some of each, chosen by a seed that a failure names.
"""

import os
import random
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo, available_timezones

import pytest

from flowctl.core.timetables.ticks import CronTicks
from tests.faults import ledger, wall_clock

IS_WHOLE = os.environ.get("CRON_SWEEP") == "all"
FIRST, LAST = 2016, 2036
LOTS = 8  # they are compared side by side
ZONES_OF_A_SAMPLE = 3  # of each lot
SHIFTS_OF_A_SAMPLE = 2  # of each of these zones
YEARS = 100 if IS_WHOLE else 2  # of a random zone and expression each
NEAR = timedelta(days=2)
TIMES = ("0 *", "*/15 *", "*/7 */5", "* 2", "*/20 1-3", "0 */2", "20 */4", "59 *", "*/30 0-23/3")
FIXED = ("0 0", "30 0", "0 1", "30 1", "45 1", "0 2", "30 2", "0 3", "30 23", "15,45 0-3", "5-7 2")
DAYS = ("* * *", "* * 0", "1-7,28 3,4,9-11 0,6")
EXPRESSIONS = [" ".join(pair) for pair in product((*TIMES, *FIXED), DAYS)]


def changes(zone: ZoneInfo) -> tuple[tuple[datetime, timedelta | None], ...]:
    """Return the first offset and all later ones, each with its day: equal for equal zones."""
    found = wall_clock.shifts(zone, FIRST, LAST)
    days = [datetime(FIRST, 1, 1, tzinfo=UTC), *(day + timedelta(days=1) for day in found)]
    return tuple((day, day.astimezone(zone).utcoffset()) for day in days)


def compared(
    zone: ZoneInfo, expressions: list[str], start: datetime, end: datetime
) -> tuple[int, list[str]]:
    """Return how often and where the strikes in a stretch of time differ."""
    minutes = wall_clock.walk(zone, start, end)
    wrong = []
    for expression in expressions:
        theirs = list(wall_clock.strikes(wall_clock.job(expression), minutes))
        ours = _ours(CronTicks(expression, zone), start, end)
        if ours != theirs:
            first = min(set(ours) ^ set(theirs))
            wrong.append(f"{expression!r} in {zone.key} at {first.isoformat()}")
        back = _backwards(CronTicks(expression, zone), start, end)
        if back != ours[::-1]:
            wrong.append(f"{expression!r} in {zone.key} backwards from {end.isoformat()}")
    return len(expressions), wrong


def _ours(ticks: CronTicks, start: datetime, end: datetime) -> list[datetime]:
    found = [ticks.at_or_after(start)]
    while found[-1] < end:
        found.append(ticks.after(found[-1]))
    return found[:-1]


def _backwards(ticks: CronTicks, start: datetime, end: datetime) -> list[datetime]:
    found = [ticks.before(end)]
    while found[-1] >= start:
        found.append(ticks.before(found[-1]))
    return found[:-1]


def _settle(count: int, wrong: list[str]) -> None:
    ledger.current.trials += count
    ledger.current.other += len(wrong)
    assert not wrong, f"{len(wrong)} of {count} differ: {wrong[:5]}"


@pytest.mark.parametrize("lot", range(LOTS))
def test_strikes_around_changes_of_the_clocks_are_those_of_a_walk(lot: int) -> None:
    """Each kind of expression, in each zone whose history is another, forwards and backwards."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    names = sorted(available_timezones())
    if not IS_WHOLE:
        names = chance.sample(names, ZONES_OF_A_SAMPLE)
    zones = {changes(zone): zone for zone in map(ZoneInfo, names)}
    count, wrong = 0, []
    for history in sorted(zones)[lot::LOTS] if IS_WHOLE else zones:
        days = [day - timedelta(days=1) for day, _ in history[1:]]
        if not IS_WHOLE:
            days = chance.sample(days, min(len(days), SHIFTS_OF_A_SAMPLE))
        for day in days:
            tried, differ = compared(zones[history], EXPRESSIONS, day - NEAR, day + NEAR)
            count += tried
            wrong += [f"seed {seed}: {text}" for text in differ]
    _settle(count, wrong)


@pytest.mark.parametrize("lot", range(LOTS))
def test_strikes_of_whole_years_are_those_of_a_walk(lot: int) -> None:
    """Any zone, any expression, any year; each has its changes in the midst of plain days."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    names, count, wrong = sorted(available_timezones()), 0, []
    for _ in range(lot, YEARS, LOTS):
        start = datetime(chance.randint(FIRST, LAST), 1, 1, tzinfo=UTC)
        zone, expression = ZoneInfo(chance.choice(names)), chance.choice(EXPRESSIONS)
        tried, differ = compared(zone, [expression], start, start + timedelta(days=366))
        count += tried
        wrong += [f"seed {seed}: {text}" for text in differ]
    _settle(count, wrong)


def test_the_walk_tells_a_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can fail: an engine without the rule for skipped times is told from the walk."""
    zone, day = ZoneInfo("Europe/Zurich"), datetime(2024, 3, 31, tzinfo=UTC)
    monkeypatch.setattr(CronTicks, "_daily_after", CronTicks._real_after)

    _, wrong = compared(zone, ["30 2 * * *"], day - NEAR, day + NEAR)

    assert wrong
