"""Each option that gives DAGs and tasks a default reaches those that say nothing themselves."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowctl import config
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.settings import Defaults, defaults
from flowctl.compat.defaults import apply


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    for field in fields(Defaults):
        setattr(defaults, field.name, field.default)


def configured(home: Path, **settings: str) -> None:
    """Apply a configuration in which these options, `section__key`, are set."""
    environ = {f"AIRFLOW__{name.upper()}": value for name, value in settings.items()}
    apply(config.load(home, environ))


DAG_ROWS = [
    ("core__max_active_tasks_per_dag", "3", "max_active_tasks", 3),
    ("core__max_active_runs_per_dag", "4", "max_active_runs", 4),
    ("core__max_consecutive_failed_dag_runs_per_dag", "5", "max_consecutive_failed_dag_runs", 5),
    ("scheduler__catchup_by_default", "False", "catchup", False),
    ("scheduler__catchup_window", "7", "catchup_window", timedelta(seconds=7)),
]

TASK_ROWS = [
    ("core__default_task_retries", "2", "retries", 2),
    ("core__default_task_retry_delay", "7", "retry_delay", timedelta(seconds=7)),
    ("core__default_task_weight_rule", "absolute", "weight_rule", "absolute"),
    ("core__default_task_execution_timeout", "9", "execution_timeout", timedelta(seconds=9)),
    ("operators__default_owner", "ann", "owner", "ann"),
    ("operators__default_queue", "big", "queue", "big"),
    (
        "scheduler__ignore_first_depends_on_past_by_default",
        "False",
        "ignore_first_depends_on_past",
        False,
    ),
]


@pytest.mark.parametrize(("option", "text", "name", "value"), DAG_ROWS, ids=lambda row: str(row))
def test_a_dag_that_says_nothing(
    tmp_path: Path, option: str, text: str, name: str, value: Any
) -> None:
    """It gets what the configuration says, and built-in values before."""
    assert getattr(DAG("d"), name) != value

    configured(tmp_path, **{option: text})

    assert getattr(DAG("d"), name) == value


@pytest.mark.parametrize(("option", "text", "name", "value"), TASK_ROWS, ids=lambda row: str(row))
def test_a_task_that_says_nothing(
    tmp_path: Path, option: str, text: str, name: str, value: Any
) -> None:
    """It gets what the configuration says, and built-in values before."""
    assert getattr(BaseOperator(task_id="t"), name) != value

    configured(tmp_path, **{option: text})

    assert getattr(BaseOperator(task_id="t"), name) == value


def test_what_a_task_says_itself_counts(tmp_path: Path) -> None:
    """So does what `default_args` say."""
    configured(tmp_path, core__default_task_retries="2")

    dag = DAG("d", default_args={"retries": 1})
    assert BaseOperator(task_id="t", dag=dag).retries == 1
    assert BaseOperator(task_id="u", dag=dag, retries=0).retries == 0


def test_dates_without_a_zone_are_in_the_configured_one(tmp_path: Path) -> None:
    """And the DAG's schedule ticks there."""
    configured(tmp_path, core__default_timezone="Asia/Kolkata")

    dag = DAG("d", schedule="@daily", start_date=datetime(2024, 1, 1))  # noqa: DTZ001 - the point
    assert dag.start_date.isoformat() == "2023-12-31T18:30:00+00:00"
    assert dag.schedule_spec.timezone == "Asia/Kolkata"


def test_cron_schedules_can_stand_for_moments(tmp_path: Path) -> None:
    """Then a run has no interval of data before its date."""
    assert not DAG("d", schedule="@daily").schedule_spec.trigger

    configured(tmp_path, scheduler__create_cron_data_intervals="False")

    assert DAG("d", schedule="@daily").schedule_spec.trigger


def test_unknown_arguments_can_be_let_through(tmp_path: Path) -> None:
    """With a warning; by default they are refused."""
    with pytest.raises(AirflowException, match="colour"):
        BaseOperator(task_id="t", colour="red")

    configured(tmp_path, operators__allow_illegal_arguments="True")

    with pytest.warns(match="colour"):
        BaseOperator(task_id="t", colour="red")
