"""Dates are kept plain and in UTC; user code reads pendulum's, as it did of Airflow."""

import copy
import datetime as dt
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest

from flowctl.authoring import settings
from flowctl.authoring.dag import DAG
from flowctl.authoring.moments import utc_moment, zone_name, zone_of
from flowctl.operators.empty import EmptyOperator

NAIVE = datetime(2024, 3, 31, 2, 30)  # noqa: DTZ001 - as users write it; a gap in Zurich
MIDNIGHT = datetime(2024, 3, 31, tzinfo=UTC)
ZURICH = ZoneInfo("Europe/Zurich")
FIXED = dt.timezone(dt.timedelta(hours=5, minutes=30))


@pytest.mark.parametrize("default", ["utc", "UTC", "Europe/Zurich"])
@pytest.mark.parametrize(
    "date",
    [
        NAIVE,
        NAIVE.replace(fold=1),
        NAIVE.replace(tzinfo=UTC, fold=1),
        NAIVE.replace(tzinfo=ZURICH),
        NAIVE.replace(tzinfo=FIXED),
        datetime(2024, 10, 27, 2, 30),  # noqa: DTZ001 - comes twice in Zurich
        pendulum.datetime(2024, 3, 31, tz="Asia/Kathmandu"),
        pendulum.naive(2024, 3, 31),
        "2024-03-31",
        "2024-03-31T02:00:00+02:00",
    ],
    ids=str,
)
def test_a_plain_date_is_understood_as_pendulum_would(
    date: Any, default: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The short way for plain dates in UTC leads where the long one does."""
    monkeypatch.setattr(settings.defaults, "timezone", default)
    zone = zone_of(date)
    long_way: Any
    if isinstance(date, str):
        long_way = pendulum.parse(date, tz=zone)
    else:
        long_way = pendulum.instance(date if date.tzinfo else date.replace(tzinfo=zone, fold=1))

    moment = utc_moment(date, "date")

    assert type(moment) is datetime
    assert moment.timestamp() == long_way.timestamp()
    assert moment.tzinfo is UTC
    assert zone_name(date) == zone.name


def test_dates_of_a_dag_and_its_tasks_are_those_of_pendulum() -> None:
    """Whatever they were given as; None stays None."""
    with DAG(
        "d", start_date=NAIVE, end_date=datetime(2024, 5, 1, tzinfo=FIXED), schedule=None
    ) as dag:
        task = EmptyOperator(task_id="t", start_date=datetime(2024, 4, 1, tzinfo=ZURICH))
        other = EmptyOperator(task_id="o")

    for date in (dag.start_date, dag.end_date, task.start_date, other.start_date):
        assert isinstance(date, pendulum.DateTime)
        assert date.timezone_name == "UTC"
    assert task.start_date == datetime(2024, 3, 31, 22, tzinfo=UTC)
    assert other.start_date == dag.start_date
    assert DAG("e").start_date is None


def test_the_zone_of_a_dag_is_one_of_pendulum() -> None:
    """That of its first date, also when only the default args have one."""
    there = DAG("d", default_args={"start_date": datetime(2024, 1, 1, tzinfo=ZURICH)})

    assert there.timezone == pendulum.timezone("Europe/Zurich")
    assert there.schedule_spec.timezone == "Europe/Zurich"
    assert isinstance(there.default_args["start_date"], pendulum.DateTime)
    assert DAG("d", start_date=NAIVE).timezone is pendulum.UTC


def test_a_date_that_user_code_sets_is_read_as_it_was_set() -> None:
    """Also on a copy, without changing the original."""
    dag = DAG("d", start_date=MIDNIGHT)
    other = copy.copy(dag)
    local = pendulum.datetime(2024, 1, 1, tz="Europe/Zurich")

    other.start_date = local

    assert other.start_date is local
    assert dag.start_date == MIDNIGHT
