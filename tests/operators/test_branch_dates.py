"""Branches by date go the ways that Airflow 2.10.5 goes; `data/ask_airflow.py` asked it."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest

from flowctl.authoring import timezone
from flowctl.authoring.context import Context
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.operators.datetime import BranchDateTimeOperator
from flowctl.operators.empty import EmptyOperator
from flowctl.operators.latest_only import LatestOnlyOperator
from flowctl.operators.weekday import BranchDayOfWeekOperator

FACTS = json.loads((Path(__file__).parent / "data" / "branches.json").read_text())
WAYS: dict[str, Any] = {"follow_task_ids_if_true": "in", "follow_task_ids_if_false": "out"}


def target(text: str | None) -> Any:
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else time.fromisoformat(text)


def way(kind: Any, zone: str, moment: str, **options: Any) -> Any:
    with DAG("d", start_date=pendulum.datetime(2024, 1, 1, tz=zone), schedule=None):
        decider = kind(task_id="t", use_task_logical_date=True, **WAYS, **options)
    date = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return decider.choose_branch(Context({"logical_date": pendulum.instance(date)}))


def test_times_of_day_and_dates_lead_the_ways_they_lead_in_airflow() -> None:
    answers = [
        [
            zone,
            moment,
            lower,
            upper,
            way(
                BranchDateTimeOperator,
                zone,
                moment,
                target_lower=target(lower),
                target_upper=target(upper),
            ),
        ]
        for zone, moment, lower, upper, _ in FACTS["times"]
    ]

    assert len(answers) > 800
    assert answers == FACTS["times"]


def test_days_of_the_week_lead_the_ways_they_lead_in_airflow() -> None:
    answers = [
        [moment, days, way(BranchDayOfWeekOperator, "UTC", moment, week_day=days)]
        for moment, days, _ in FACTS["days"]
    ]

    assert answers == FACTS["days"]


def test_a_time_that_is_compared_with_nothing_is_refused() -> None:
    with pytest.raises(AirflowException, match="task 't' compares the time with nothing"):
        BranchDateTimeOperator(task_id="t", target_lower=None, target_upper=None, **WAYS)


def test_a_day_that_is_none_is_refused_when_the_file_is_read() -> None:
    with pytest.raises(AttributeError, match="'Caturday' is no day of the week"):
        BranchDayOfWeekOperator(task_id="t", week_day="Caturday", **WAYS)


@pytest.mark.parametrize(
    "kind",
    [
        lambda **kw: BranchDateTimeOperator(
            target_lower=time(0), target_upper=None, use_task_execution_date=True, **kw
        ),
        lambda **kw: BranchDayOfWeekOperator(week_day="Monday", use_task_execution_day=True, **kw),
    ],
)
def test_the_old_name_of_the_logical_date_still_works(kind: Any) -> None:
    with pytest.warns(DeprecationWarning, match="is called use_task_logical_date now"):
        assert kind(task_id="t", **WAYS).use_task_logical_date


def latest(schedule: Any, age: timedelta, by_hand: bool = False) -> bool:
    """Say whether a run whose interval ended `age` ago goes on, on a schedule of 10 minutes."""
    end = timezone.utcnow() - age
    run = SimpleNamespace(
        external_trigger=by_hand,
        data_interval_start=end - timedelta(minutes=10),
        data_interval_end=end,
    )
    with DAG("d", start_date=datetime(2024, 1, 1, tzinfo=UTC), schedule=schedule) as dag:
        only = LatestOnlyOperator(task_id="t")
        only >> EmptyOperator(task_id="after")
    return only.choose_branch(Context({"dag_run": run, "dag": dag, "task": only})) == ["after"]


def test_only_the_newest_run_goes_on() -> None:
    assert latest(timedelta(minutes=10), timedelta(minutes=3))
    assert not latest(timedelta(minutes=10), timedelta(minutes=13))


def test_a_run_that_a_person_started_goes_on_whatever_its_date() -> None:
    assert latest(timedelta(minutes=10), timedelta(days=300), by_hand=True)


def test_the_last_run_of_a_schedule_goes_on() -> None:
    assert latest("@once", timedelta(days=300))
