"""Timetables give the runs that Airflow 2.10.5 gives, and refuse what never works."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from flowctl.core.spec import ScheduleSpec
from flowctl.core.timetables import (
    PRESETS,
    Asked,
    Due,
    Interval,
    ScheduleError,
    Timetable,
    timetable_of,
)

ASKED = json.loads((Path(__file__).parent / "data/timetables.json").read_text())
NOON = datetime(2024, 5, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def schedule(name: str) -> ScheduleSpec:
    """Return the schedule that the data calls `name`, for example "cron 0 0 * * * UTC"."""
    kind, *words = name.split()
    if kind == "delta":
        return ScheduleSpec("delta", delta=timedelta(seconds=int(words[0])))
    if kind == "relative":
        pairs = (word.split("=") for word in words)
        return ScheduleSpec("delta", relative={key: int(value) for key, value in pairs})
    if kind in ("cron", "trigger"):
        expression, zone = " ".join(words[:-1]), words[-1]
        return ScheduleSpec("cron", expression=expression, timezone=zone, trigger=kind == "trigger")
    return ScheduleSpec(kind)  # type: ignore[arg-type]


def moment(text: str) -> datetime:
    """Read a moment of the data, which is in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def interval(text: str) -> Interval:
    """Read an interval of the data."""
    start, end = text.split()
    return moment(start), moment(end)


def cases() -> Iterator[tuple[Interval | None, datetime | None, datetime | None, bool, datetime]]:
    """Yield the arguments of `next_due`, in the order of the data."""
    axes = ASKED["axes"]
    for now, earliest, latest, last, catchup in product(
        axes["now"], axes["earliest"], axes["latest"], axes["last"], (True, False)
    ):
        yield (
            last and interval(" ".join(last)),
            earliest and moment(earliest),
            latest and moment(latest),
            catchup,
            moment(now),
        )


@pytest.mark.parametrize("name", ASKED["answers"])
def test_the_run_that_follows_is_the_one_that_airflow_finds(name: str) -> None:
    """With and without catch-up, a start, an end, a run before, at three moments of the day."""
    timetable = timetable_of(schedule(name))

    for case, expected in zip(cases(), ASKED["answers"][name]["due"], strict=True):
        due = timetable.next_due(Asked(*case))

        assert due == (expected and Due.over(*interval(expected))), case


@pytest.mark.parametrize("name", ASKED["answers"])
def test_a_run_started_by_hand_gets_the_interval_that_airflow_gives_it(name: str) -> None:
    """The latest complete one for a cron expression, the last stretch for a duration."""
    timetable = timetable_of(schedule(name))

    for now, expected in zip(ASKED["axes"]["now"], ASKED["answers"][name]["manual"], strict=True):
        assert timetable.manual_interval(moment(now)) == interval(" ".join(expected))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_the_expression_it_stands_for(preset: str) -> None:
    """Each of them, also the two that only newer versions know."""
    named, plain = (
        timetable_of(ScheduleSpec("cron", expression=text)) for text in (preset, PRESETS[preset])
    )

    assert named.summary == PRESETS[preset]
    assert runs(named, 5) == runs(plain, 5)


def runs(timetable: Timetable, count: int) -> list[Due]:
    """Return the first runs from noon on."""
    found: list[Due] = []
    last: Interval | None = None
    while len(found) < count:
        due = timetable.next_due(Asked(last, NOON, None, True, NOON))
        assert due is not None
        found.append(due)
        last = (due.interval_start, due.interval_end)
    return found


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (ScheduleSpec("cron", expression="often"), "'often' is not a cron expression"),
        (ScheduleSpec("cron", expression=""), "'' is not a cron expression"),
        (ScheduleSpec("cron", expression="@often"), "'@often' is not a cron expression"),
        (ScheduleSpec("cron", expression="61 * * * *"), "'61 .* is not a cron expression"),
        (ScheduleSpec("cron", expression="H H * * *"), "'H H .* is not a cron expression"),
        (ScheduleSpec("cron", expression="R 3 * * *"), "random field"),
        (ScheduleSpec("cron", expression="R(0-5) 3 * * *"), "random field"),
        (ScheduleSpec("cron", expression="0 0 31 2 *"), "a date that never comes"),
        (ScheduleSpec("cron", expression="0 0 30 feb *"), "a date that never comes"),
        (ScheduleSpec("cron", expression="0 0 * * *", timezone="Mars/Base"), "'Mars/Base'"),
        (ScheduleSpec("cron", expression="0 0 * * *", timezone="+25:00"), "'\\+25:00'"),
        (ScheduleSpec("cron", expression="0 0 * * *", timezone="../passwd"), "'../passwd'"),
        (ScheduleSpec("cron", expression="0 0 * * *", timezone=""), "time zone ''"),
        (ScheduleSpec("delta", delta=timedelta(0)), "positive"),
        (ScheduleSpec("delta", delta=-DAY), "positive"),
        (ScheduleSpec("delta", relative={"months": -1}), "positive"),
        (ScheduleSpec("delta", relative={"months": 1, "days": -29}), "forward from every date"),
        (ScheduleSpec("delta", relative={"hours": 1, "day": 1}), "forward from every date"),
        (ScheduleSpec("delta", relative={"moons": 1}), "not a duration"),
        (ScheduleSpec("delta"), "positive"),
    ],
)
def test_a_schedule_that_never_works_is_refused_in_words(spec: ScheduleSpec, said: str) -> None:
    """When it is read, not when the first run is due."""
    with pytest.raises(ScheduleError, match=said):
        timetable_of(spec)


def test_march_is_not_taken_for_a_random_field() -> None:
    """The names of months and days hold an R as well."""
    timetable = timetable_of(ScheduleSpec("cron", expression="0 0 1 MAR-APR FRI"))

    assert runs(timetable, 1)[0].logical_date == datetime(2025, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("trigger", [False, True])
def test_a_schedule_whose_years_are_over_has_no_more_runs(trigger: bool) -> None:
    """A seventh field names years; after the last one nothing is due and nothing fails."""
    timetable = timetable_of(ScheduleSpec("cron", expression="0 0 1 1 * 0 2023", trigger=trigger))

    assert timetable.next_due(Asked(None, NOON, None, True, NOON)) is None
    assert timetable.next_due(Asked(None, None, None, False, NOON - 3650 * DAY)) is None


def test_a_sixth_field_counts_seconds() -> None:
    """As Airflow 2.10 reads it, the seconds come last."""
    timetable = timetable_of(ScheduleSpec("cron", expression="* * * * * */20"))

    assert [due.logical_date.second for due in runs(timetable, 4)] == [0, 20, 40, 0]


def test_a_fixed_offset_is_a_zone() -> None:
    """Midnight at +05:30 is 18:30 in UTC."""
    timetable = timetable_of(ScheduleSpec("cron", expression="@daily", timezone="+05:30"))

    assert runs(timetable, 1)[0].logical_date == datetime(2024, 5, 10, 18, 30, tzinfo=UTC)


def test_a_relative_step_may_fix_a_field() -> None:
    """The first of each month, whatever the day of the start."""
    timetable = timetable_of(ScheduleSpec("delta", relative={"months": 1, "day": 1}))

    assert [due.interval_end.month for due in runs(timetable, 3)] == [6, 7, 8]


def test_equal_schedules_share_a_timetable() -> None:
    """Ten thousand daily DAGs need one parsed expression."""
    first, second = (ScheduleSpec("delta", relative={"days": 1}) for _ in range(2))

    assert timetable_of(first) is timetable_of(second)
    assert timetable_of(first) is not timetable_of(ScheduleSpec("delta", relative={"days": 2}))


def test_what_a_schedule_says_of_itself() -> None:
    """The continuous one limits itself to one run; without a schedule nothing comes by itself."""
    never, always = timetable_of(ScheduleSpec()), timetable_of(ScheduleSpec("continuous"))
    hourly = timetable_of(ScheduleSpec("cron", expression="@hourly", summary="@hourly"))

    assert (never.can_be_scheduled, never.summary) == (False, "None")
    assert (always.can_be_scheduled, always.active_runs_limit) == (True, 1)
    assert (hourly.summary, hourly.describe(), hourly.active_runs_limit) == (
        "@hourly",
        "@hourly",
        None,
    )
    assert timetable_of(ScheduleSpec("delta", delta=DAY)).describe() == "every 1 day, 0:00:00"
