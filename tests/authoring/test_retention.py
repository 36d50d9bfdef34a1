"""`DAG(retention=...)`: what it may be, and what is said of what it may not be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.core.retention import Retention
from flowctl.operators.empty import EmptyOperator
from flowctl.parsing.convert import dag_spec

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (None, None),
        (DAY, Retention(age=DAY)),
        ({"age": DAY, "runs": 5}, Retention(age=DAY, runs=5)),
        ({"log_age": DAY, "log_size": "2K"}, Retention(log_age=DAY, log_bytes=2048)),
        ({"runs": 0}, Retention(runs=0)),
    ],
)
def test_it_is_an_age_or_a_dict(given: Any, meant: Retention | None) -> None:
    with DAG("d", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=UTC), retention=given) as d:
        EmptyOperator(task_id="t")

    assert dag_spec(d, "d.py").retention == meant


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (30, "retention of DAG 'd' is a timedelta, or a dict with some of age, runs"),
        ({"ages": DAY}, "has no 'ages', only age, runs, log_age, log_size; did you mean 'age'"),
        ({"age": 30}, r"retention\['age'\] of DAG 'd' is a timedelta, not 30"),
        ({"age": -DAY}, r"retention\['age'\] of DAG 'd' is a timedelta, not"),
        ({"runs": "many"}, r"retention\['runs'\] of DAG 'd' is a whole number, 0 for all"),
        ({"log_size": "big"}, r"retention\['log_size'\] of DAG 'd' is a size such as"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(given: Any, sentence: str) -> None:
    with pytest.raises(AirflowException, match=sentence):
        DAG("d", schedule=None, retention=given)
