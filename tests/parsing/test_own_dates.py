"""The dates of a backfill, where a user wrote the timetable."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowctl import config
from flowctl.core.backfill import RUNS_MAX, BackfillError
from flowctl.core.spec import DagSpec
from flowctl.parsing import own_dates

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

DAILY = """
import time
from datetime import datetime, timedelta
from airflow import DAG
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable

class Mine(Timetable):
    def infer_manual_data_interval(self, *, run_after):
        return DataInterval(run_after, run_after)
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        last = last_automated_data_interval
        start = restriction.earliest if last is None else last.end
        {delay}
        return DagRunInfo.interval(start, start + timedelta(**{length}))

dag = DAG("d", schedule=Mine(), start_date=datetime(2024, 1, 1))
"""


def named(home: Path, until: datetime, *, delay: str = "", **length: int) -> int:
    """Return how many dates a timetable names until then."""
    folder = home / "dags"
    folder.mkdir(exist_ok=True)
    (folder / "d.py").write_text(DAILY.format(delay=delay, length=length))
    return len(own_dates.between(config.load(home), DagSpec("d", "d.py", ()), (START, until)))


def test_all_dates_of_the_span_are_named(flowctl_home: Path) -> None:
    assert named(flowctl_home, START + 700 * DAY, days=1) == 701


def test_one_date_too_many_is_enough(flowctl_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for the minutes of years waits for no more."""
    monkeypatch.setattr(own_dates, "RUNS_MAX", 900)

    assert named(flowctl_home, START + 700 * DAY, minutes=1) == 901


def test_a_slow_timetable_is_not_asked_for_ever(
    flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says how far it came."""
    monkeypatch.setattr(own_dates, "QUESTIONS_MAX", 1)

    with pytest.raises(BackfillError, match=r"DAG 'd' is slow: it named \d dates from 2024-01-01"):
        named(flowctl_home, START + 700 * DAY, delay="time.sleep(1.5)", days=1)


def test_a_slip_of_millennia_is_not_asked_at_all(flowctl_home: Path) -> None:
    with pytest.raises(BackfillError, match=f"at most {RUNS_MAX} dates"):
        named(flowctl_home, START.replace(year=9000), delay="raise KeyError", days=1)
