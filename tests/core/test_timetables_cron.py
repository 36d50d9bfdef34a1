"""Two years of 200 cron expressions in five zones: the dates of Airflow 2.10.5, but for its errors.

`data/cron.json` holds what Airflow answered: for each expression and zone the number and the hash
of its dates, apart for those within 36 hours of a change of the clocks and all others.
`data/cron_clock_changes.json` lists every date on which we differ, and why Airflow is wrong there:
all but two kinds come from changed clocks.

CRON_SWEEP=all goes through both years in all zones; the default in one of them, and in the others
through the days around each change.
"""

import hashlib
import json
import os
from array import array
from bisect import bisect_left
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cronsim import CronSim, CronSimError

from flowctl.core.timetables import PRESETS
from flowctl.core.timetables.contract import NoMoreDates
from flowctl.core.timetables.ticks import CronTicks
from flowctl.core.timetables.zones import TICK, zone_of

DATA = Path(__file__).parent / "data"
ASKED: dict[str, Any] = json.loads((DATA / "cron.json").read_text())
CHANGES: dict[str, Any] = json.loads((DATA / "cron_clock_changes.json").read_text())

WALKED = tuple(ASKED["shifts"]) if os.environ.get("CRON_SWEEP") == "all" else ("America/New_York",)
FROM, UNTIL = datetime(2017, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)
NEAR_S = 36 * 3600


def dates(expression: str, zone: str, start: datetime = FROM, end: datetime = UNTIL) -> list[int]:
    """Return the strikes from `start` on and before `end`, in epoch seconds."""
    ticks, found = CronTicks(PRESETS.get(expression, expression), zone_of(zone)), []
    try:
        tick = ticks.at_or_after(start)
        while tick < end:
            found.append(int(tick.timestamp()))
            tick = ticks.after(tick)
    except NoMoreDates:
        pass
    return found


def dates_near(expression: str, zone: str) -> list[int]:
    """Return the strikes within 36 hours of a change of the clocks, looking nowhere else."""
    kept: set[int] = set()
    for shift in ASKED["shifts"][zone]:
        start, end = (datetime.fromtimestamp(shift + by, UTC) for by in (-NEAR_S, NEAR_S + 1))
        kept.update(dates(expression, zone, max(FROM, start), min(UNTIL, end)))
    return sorted(kept)


def near(found: list[int], zone: str) -> list[int]:
    """Return those of them that are within 36 hours of a change of the clocks."""
    kept: set[int] = set()
    for shift in ASKED["shifts"][zone]:
        kept.update(
            found[bisect_left(found, shift - NEAR_S) : bisect_left(found, shift + NEAR_S + 1)]
        )
    return sorted(kept)


def digest(found: list[int]) -> str:
    """Return number and hash, as the data has them."""
    return f"{len(found)} {hashlib.sha256(array('q', found).tobytes()).hexdigest()[:12]}"


def differences(expression: str, zone: str) -> tuple[set[int], set[int]]:
    """Return the dates that only Airflow has, and those that only we have."""
    row = CHANGES["dates"].get(zone, {}).get(expression, {})
    return set(row.get("airflow", ())), set(row.get("ours", ()))


def as_airflow(found: list[int], only_airflow: set[int], only_ours: set[int]) -> list[int]:
    """Return our dates with what is known to differ put right, the wrong way round."""
    assert only_ours <= set(found)
    assert only_airflow.isdisjoint(found)
    return sorted(set(found) - only_ours | only_airflow)


@pytest.mark.parametrize("zone", WALKED)
def test_run_dates_are_those_of_airflow_except_where_it_is_wrong(zone: str) -> None:
    """Every date of every expression: equal, or listed with its reason."""
    for expression, answers in ASKED["answers"].items():
        airflows = as_airflow(dates(expression, zone), *differences(expression, zone))
        close = near(airflows, zone)
        away = sorted(set(airflows) - set(close))

        assert f"{digest(away)} {digest(close)}" == answers[zone], expression


@pytest.mark.parametrize("zone", [zone for zone, found in ASKED["shifts"].items() if found])
def test_run_dates_are_those_of_airflow_near_changes_of_the_clocks(zone: str) -> None:
    """In all zones; far from them one zone is as good as another."""
    for expression, answers in ASKED["answers"].items():
        known = [set(near(sorted(one), zone)) for one in differences(expression, zone)]
        close = as_airflow(dates_near(expression, zone), *known)

        assert answers[zone].endswith(f" {digest(close)}"), expression


def test_every_difference_has_a_reason() -> None:
    """Each reason is in use, and each difference has one."""
    used = set()
    for zone, rows in CHANGES["dates"].items():
        for expression, row in rows.items():
            used.update(row["reasons"])
            assert row["reasons"], (zone, expression)
    assert used == set(CHANGES["reasons"])


WHOLE_HOURS = ("America/New_York", "Europe/Zurich", "America/Sao_Paulo")


@pytest.mark.parametrize("zone", WHOLE_HOURS)
def test_where_we_differ_cronsim_agrees_with_us(zone: str) -> None:
    """A second implementation of Debian cron's rules; it knows whole-hour shifts only."""
    compared = 0
    for expression in CHANGES["dates"][zone]:
        ours = dates_near(expression, zone)
        theirs = cronsim(PRESETS.get(expression, expression), zone)
        if theirs is not None:
            compared += 1
            assert near(theirs, zone) == ours, expression
    assert compared > 0.8 * len(CHANGES["dates"][zone])


def cronsim(expression: str, zone: str) -> list[int] | None:
    """Return cronsim's strikes near clock changes, or None for an expression of another dialect."""
    fields = expression.split()
    if len(fields) != 5 or (fields[2] != "*" and fields[4] != "*"):
        return None
    found: list[int] = []
    for shift in ASKED["shifts"][zone]:
        start = datetime.fromtimestamp(shift - NEAR_S, UTC) - TICK
        try:
            for local in CronSim(expression, start.astimezone(zone_of(zone))):
                if local.timestamp() > shift + NEAR_S:
                    break
                found.append(int(local.timestamp()))
        except CronSimError:
            return None
    return found
