"""Strikes of cron expressions when clocks are changed: Debian cron's rules, in every zone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from flowctl.core.timetables.ticks import CronTicks
from flowctl.core.timetables.zones import TICK, first_shift, last_shift, zone_of

# Whole-hour shifts at night, half an hour, at midnight, a day left out, twice a year for Ramadan
ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Zurich",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "America/Santiago",
    "+05:30",
)

minutes = st.sampled_from(["0", "30", "*", "*/15", "0,45", "7-9", "0-59/20"])
hours = st.sampled_from(["0", "2", "*", "*/2", "1-3", "0,23", "23", "0-12/5"])
days = st.sampled_from(["* * *", "* * 0", "1 * *", "L * *", "15 3,10 5", "29 2 *", "* 10 1#1"])
expressions = st.builds(lambda *fields: " ".join(fields), minutes, hours, days)
EPOCH, DECADES_S = datetime(1990, 1, 1, tzinfo=UTC), 40 * 365 * 86400
moments = st.integers(0, DECADES_S).map(lambda seconds: EPOCH + timedelta(seconds=seconds))


def near_shifts(zone: str) -> st.SearchStrategy[datetime]:
    """Return moments of which many lie close to a change of the zone's clocks."""
    tz = zone_of(zone)

    def move(moment: datetime, by: timedelta) -> datetime:
        shift = first_shift(tz, moment, moment + timedelta(days=400))
        return moment if shift is None else shift + by

    minutes_around = st.integers(-150, 150) | st.integers(-3000, 3000)
    around = minutes_around.map(lambda count: timedelta(minutes=count))
    return moments | st.builds(move, moments, around)


@settings(max_examples=150, deadline=None)
@given(st.data(), expressions, st.sampled_from(ZONES))
def test_intervals_tile_time_without_gap_or_overlap(
    data: st.DataObject, expression: str, zone: str
) -> None:
    """Forwards and backwards the strikes are one strictly increasing sequence."""
    ticks = CronTicks(expression, zone_of(zone))
    moment = data.draw(near_shifts(zone))

    before, after = ticks.before(moment), ticks.after(moment)
    following = ticks.after(after)

    assert before < moment < after < following
    assert ticks.before(following) == after
    assert ticks.at_or_after(after) == after == ticks.at_or_before(after)
    between = ticks.after(before)
    assert between in (moment, after)
    assert ticks.before(after) == (moment if between == moment else before)


@settings(max_examples=100, deadline=None)
@given(st.data(), expressions, st.sampled_from(ZONES))
def test_a_strike_matches_the_wall_clock_or_ends_a_gap(
    data: st.DataObject, expression: str, zone: str
) -> None:
    """Nothing strikes at a moment that the expression does not name."""
    tz = zone_of(zone)
    tick = CronTicks(expression, tz).after(data.draw(near_shifts(zone)))
    wall = tick.astimezone(tz).replace(tzinfo=None)

    matches = CronTicks(expression, UTC).at_or_after(wall.replace(tzinfo=UTC)) == wall.replace(
        tzinfo=UTC
    )

    ends_a_gap = first_shift(tz, tick - TICK, tick) == tick
    assert matches or ends_a_gap


def strikes(expression: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """Return the strikes from `start`, inclusive, to `end`."""
    ticks = CronTicks(expression, zone_of(zone))
    found = [ticks.at_or_after(start)]
    while found[-1] < end:
        found.append(ticks.after(found[-1]))
    return found[:-1]


COMPARED = (
    "0 * * * *",
    "*/30 1-3 * * *",
    "0 */2 * * *",
    "20 */4 * * *",
    "30 2 * * *",
    "0 2 * * *",
    "30 1 * * *",
    "0 0 * * *",
    "30 0 * * *",
    "15,45 0-3 * * *",
    "30 2 * * 0",
    "30 23 * * *",
    "*/10 2 * * *",
    "0 3 L * *",
)
WHOLE_HOUR_ZONES = (
    "America/New_York",
    "Europe/Zurich",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "America/Santiago",
    "Atlantic/Azores",
)


@pytest.mark.parametrize("zone", WHOLE_HOUR_ZONES)
def test_the_strikes_around_whole_hour_shifts_are_those_of_cronsim(zone: str) -> None:
    """A second implementation of Debian cron's rules agrees, from 2019 to 2026."""
    tz, shift = zone_of(zone), datetime(2019, 1, 1, tzinfo=UTC)
    day, years = timedelta(days=1), timedelta(days=400)
    while (found := first_shift(tz, shift, shift + years)) and found.year < 2027:
        shift = found
        for expression in COMPARED:
            start = shift - day
            theirs = []
            for local in CronSim(expression, (start - TICK).astimezone(tz)):
                if (tick := local.astimezone(UTC)) >= shift + day:
                    break
                theirs.append(tick)
            ours = strikes(expression, zone, start, shift + day)
            assert ours == theirs, (expression, shift)


@pytest.mark.parametrize(
    ("expression", "zone", "day", "walls"),
    [
        # the clock goes from 02:00 to 02:30, and back from 02:00 to 01:30
        ("*/15 2 * * *", "Australia/Lord_Howe", "2024-10-06", "02:30+11:00 02:45+11:00"),
        ("15 2 * * *", "Australia/Lord_Howe", "2024-10-06", "02:30+11:00"),
        ("45 1 * * *", "Australia/Lord_Howe", "2024-04-07", "01:45+11:00"),
        ("45 */1 * * *", "Australia/Lord_Howe", "2024-04-07", "01:45+11:00 01:45+10:30"),
        # midnight does not exist
        ("0 0 * * *", "America/Sao_Paulo", "2018-11-04", "01:00-02:00"),
        ("0 0 * * *", "Africa/Cairo", "2024-04-26", "01:00+03:00"),
        ("0 */1 * * *", "Asia/Beirut", "2024-03-31", "01:00+03:00 02:00+03:00"),
        # midnight comes twice
        ("0 0 * * *", "Atlantic/Azores", "2024-10-27", "00:00+00:00"),
        ("0 */1 * * *", "Atlantic/Azores", "2024-10-27", "00:00+00:00 00:00-01:00 01:00-01:00"),
        # 30 December 2011 was left out
        ("0 9 * * *", "Pacific/Apia", "2011-12-31", "00:00+14:00 09:00+14:00"),
        ("0 */12 * * *", "Pacific/Apia", "2011-12-31", "00:00+14:00 12:00+14:00"),
    ],
)
def test_a_day_with_a_shift_in_words_of_its_wall_clock(
    expression: str, zone: str, day: str, walls: str
) -> None:
    """The days on which cronsim cannot help, and the plainest of the others, by hand."""
    expected = [datetime.fromisoformat(f"{day}T{wall}") for wall in walls.split()]
    around = timedelta(minutes=29)

    found = strikes(expression, zone, expected[0] - around, expected[-1] + around)

    assert found == expected


def test_looking_back_from_the_second_pass_finds_a_later_wall_time_of_the_first() -> None:
    """At 01:15 for the second time the strike of 01:45 lies half an hour back, not a day."""
    ticks = CronTicks("45 1 * * *", zone_of("America/New_York"))
    second_pass = datetime(2024, 11, 3, 6, 15, tzinfo=UTC)

    assert ticks.before(second_pass) == datetime(2024, 11, 3, 5, 45, tzinfo=UTC)


def test_every_change_of_the_clocks_is_found_from_both_sides() -> None:
    """Twelve years of every thirtieth zone: as many changes as the offset has steps."""
    start, end = datetime(1999, 1, 1, tzinfo=UTC), datetime(2011, 1, 1, tzinfo=UTC)
    moments_asked = [start + hours * timedelta(hours=12) for hours in range((end - start).days * 2)]
    for name in sorted(available_timezones())[::30]:
        zone = zone_of(name)
        offsets = [moment.astimezone(zone).utcoffset() for moment in moments_asked]
        steps = sum(offset != following for offset, following in pairwise(offsets))
        forwards, moment = [], start
        while (shift := first_shift(zone, moment, end)) is not None:
            forwards.append(shift)
            moment = shift
        backwards, moment = [], end
        while (shift := last_shift(zone, start, moment)) is not None:
            backwards.append(shift)
            moment = shift
        assert forwards == backwards[::-1]
        assert len(forwards) == steps
