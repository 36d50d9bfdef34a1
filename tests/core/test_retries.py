"""Retries come when Airflow 2.10.5 would let them come."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowctl.core.attempt import RetryPolicy
from flowctl.core.retries import NEVER, may_retry, next_retry_at

ASKED = json.loads((Path(__file__).parent / "data/retries.json").read_text())
ENDED = datetime(2024, 1, 1, tzinfo=UTC)
IDENTITY = ("d", "a", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC))


def policy(delay_s: float, exponential: bool = False, cap_s: float | None = None) -> RetryPolicy:
    """Return a policy given in seconds."""
    cap = None if cap_s is None else timedelta(seconds=cap_s)
    return RetryPolicy(
        delay=timedelta(seconds=delay_s), factor=2.0 if exponential else 0.0, max_delay=cap
    )


def test_the_next_try_starts_when_airflow_would_start_it() -> None:
    """Plain and doubled delays, with and without a cap, over many tries and two tasks."""
    for delay_s, exponential, cap_s, task_id, number, expected_s in ASKED:
        date = datetime(2024, 2, 3, 4, 5, 6, 7 * number, tzinfo=UTC)
        at = next_retry_at(policy(delay_s, exponential, cap_s), ("d", task_id, date), number, ENDED)

        assert at - ENDED == timedelta(seconds=expected_s), (delay_s, exponential, cap_s, number)


def test_the_answers_cover_more_than_the_caps() -> None:
    """Most of the table would be worth nothing if every answer were the cap."""
    assert len({row[-1] for row in ASKED}) > 50


@pytest.mark.parametrize("number", [1_100, 100_000])
def test_a_try_number_beyond_any_float_waits_for_the_cap(number: int) -> None:
    """Airflow raises OverflowError here."""
    assert next_retry_at(policy(300, True), IDENTITY, number, ENDED) == ENDED + timedelta(days=1)


def test_the_longest_back_off_is_a_setting() -> None:
    """`[core] max_task_retry_delay` caps the back-off, not a plain delay."""
    hour = timedelta(hours=1)

    assert next_retry_at(policy(300, True), IDENTITY, 20, ENDED, hour) == ENDED + hour
    assert next_retry_at(policy(7200), IDENTITY, 20, ENDED, hour) == ENDED + 2 * hour


def test_asked_twice_the_moment_is_the_same_and_differs_between_tasks() -> None:
    """The random part spreads tasks that failed together, and does not move afterwards."""
    dates = {
        name: next_retry_at(policy(300, True), ("d", name, IDENTITY[2]), 2, ENDED)
        for name in ("a", "b", "c", "a")
    }

    assert len(set(dates.values())) == 3
    assert dates["a"] == next_retry_at(policy(300, True), IDENTITY, 2, ENDED)


@pytest.mark.parametrize(
    ("try_number", "max_tries", "expected"), [(1, 0, False), (1, 1, True), (2, 1, False)]
)
def test_max_tries_is_the_last_try_that_may_be_followed_by_another(
    try_number: int, max_tries: int, expected: bool
) -> None:
    """A task with two retries has `max_tries` 2 and runs three times."""
    assert may_retry(try_number, max_tries) is expected


def test_a_delay_beyond_the_last_year_waits_for_ever() -> None:
    endless = RetryPolicy(delay=timedelta.max)

    assert next_retry_at(endless, IDENTITY, 1, ENDED) == NEVER


@pytest.mark.parametrize(
    ("factor", "number", "least_s"), [(3.0, 1, 10), (3.0, 3, 90), (1.5, 3, 23)]
)
def test_the_delay_grows_by_any_factor(factor: float, number: int, least_s: int) -> None:
    """As in Airflow 3.3, whose factor need not be 2; it is lengthened by less than itself."""
    grown = RetryPolicy(timedelta(seconds=10), factor)

    at = next_retry_at(grown, ("d", "t", NEVER), number, ENDED)

    assert timedelta(seconds=least_s) <= at - ENDED < timedelta(seconds=2 * least_s)


def test_a_factor_of_one_is_a_plain_delay() -> None:
    """Nothing grows, so nothing is lengthened by chance."""
    plain = RetryPolicy(timedelta(seconds=10), 1.0)

    assert next_retry_at(plain, ("d", "t", NEVER), 5, ENDED) - ENDED == timedelta(seconds=10)
