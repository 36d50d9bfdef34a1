"""Dates of DAG files: equal to what Airflow 2.10.5 answered for the same input."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flowctl.authoring import dates, timezone

NAIVE = datetime(2024, 1, 1)  # noqa: DTZ001 - without a zone on purpose
TOKYO = ZoneInfo("Asia/Tokyo")


def test_a_moment_without_a_zone_is_utc() -> None:
    """Wherever a moment is made or read."""
    expected = datetime(2024, 1, 1, tzinfo=UTC)
    assert timezone.datetime(2024, 1, 1) == expected
    assert timezone.parse("2024-01-01") == expected
    assert timezone.make_aware(NAIVE) == expected
    assert timezone.convert_to_utc(NAIVE) == expected
    assert timezone.coerce_datetime(NAIVE) == expected
    assert timezone.from_timestamp(expected.timestamp()) == expected


def test_a_wall_time_belongs_to_the_zone_that_is_given() -> None:
    """Midnight in Tokyo is three in the afternoon in London, the day before."""
    expected = datetime(2023, 12, 31, 15, tzinfo=UTC)
    assert timezone.make_aware(NAIVE, TOKYO) == expected
    assert timezone.coerce_datetime(NAIVE, TOKYO) == expected
    assert timezone.parse("2024-01-01", "Asia/Tokyo") == expected


def test_the_zone_goes_and_the_wall_time_stays() -> None:
    """`make_naive` answers with the wall time of a zone, by default of UTC."""
    moment = datetime(2024, 1, 1, 15, tzinfo=UTC)
    assert timezone.make_naive(moment) == datetime(2024, 1, 1, 15)  # noqa: DTZ001
    assert timezone.make_naive(moment, TOKYO) == datetime(2024, 1, 2)  # noqa: DTZ001


def test_nothing_stays_nothing() -> None:
    """None goes through where Airflow lets it through."""
    assert timezone.make_aware(None) is None
    assert timezone.convert_to_utc(None) is None
    assert timezone.coerce_datetime(None) is None


def test_a_second_zone_and_a_missing_one_are_refused() -> None:
    """Neither can be meant."""
    with pytest.raises(ValueError, match="has a time zone already"):
        timezone.make_aware(datetime(2024, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="has no time zone"):
        timezone.make_naive(NAIVE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (0, None),
        (1.5, "1s"),
        (60, "1M"),
        (90061, "1d:1h:1M:1s"),
        (timedelta(days=40, hours=3), "1m:10d:3h"),
        (timedelta(days=800), "2y:2m:20d"),
    ],
)
def test_a_duration_is_written_in_units(value: Any, text: str | None) -> None:
    """A month has 30 days, a year twelve such months."""
    assert timezone.td_format(value) == text


def test_a_zone_is_found_by_name_and_by_offset() -> None:
    """A number is an offset in seconds."""
    by_name: tzinfo = timezone.parse_timezone("Asia/Tokyo")
    assert NAIVE.replace(tzinfo=by_name).utcoffset() == timedelta(hours=9)
    assert NAIVE.replace(tzinfo=timezone.parse_timezone(3600)).utcoffset() == timedelta(hours=1)


def test_days_ago_is_midnight_unless_told() -> None:
    """Days are counted in UTC."""
    moment = dates.days_ago(2, hour=3)
    assert (moment.hour, moment.minute, moment.microsecond) == (3, 0, 0)
    assert timedelta(days=1) < timezone.utcnow() - moment + timedelta(hours=3) < timedelta(days=3)


START, END = NAIVE, datetime(2024, 1, 3)  # noqa: DTZ001
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"end_date": END, "delta": DAY}, ["01T00", "02T00", "03T00"]),
        ({"end_date": END, "delta": "0 12 * * *"}, ["01T00", "01T12", "02T12"]),
        ({"num": 3, "delta": DAY}, ["01T00", "02T00", "03T00"]),
        ({"num": -1, "delta": DAY}, ["01T00"]),
        ({"end_date": END}, []),
    ],
)
def test_a_range_starts_with_its_start(arguments: dict[str, Any], found: list[str]) -> None:
    """Whatever the step is."""
    moments = dates.date_range(START, **arguments)
    assert [moment.strftime("%dT%H") for moment in moments] == found
    assert all(moment.utcoffset() == timedelta(0) for moment in moments)


def test_a_range_with_two_ends_or_the_wrong_way_round_is_refused() -> None:
    """As Airflow refuses it."""
    with pytest.raises(ValueError, match="not both"):
        dates.date_range(START, END, 3, DAY)
    with pytest.raises(ValueError, match="after its end"):
        dates.date_range(END, START, delta=DAY)
