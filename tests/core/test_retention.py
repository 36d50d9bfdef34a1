"""Which history is too old or too much, by the limits of a site and of its DAGs?"""

from datetime import UTC, datetime, timedelta

import pytest

from flowctl.core.retention import (
    Limits,
    Policy,
    Retention,
    cut,
    older_than,
    shown,
)

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SITE = Limits({"dag_run": 30 * DAY, "log": 60 * DAY}, runs_max=100, runs_kept=5, log_age=10 * DAY)


def policy(own: Retention | None = None) -> Policy:
    """Return the policy of a site with one DAG, d, that may have limits of its own."""
    return Policy(SITE, {} if own is None else {"d": own}, NOW)


@pytest.mark.parametrize(
    ("own", "days"),
    [(None, 30), (Retention(), 30), (Retention(age=DAY), 1), (Retention(age=0 * DAY), None)],
)
def test_the_age_of_a_run_is_the_dags_or_the_sites(own: Retention | None, days: int | None) -> None:
    before = None if days is None else NOW - days * DAY
    assert policy(own).run_before("d") == before
    assert policy(own).run_before("another") == NOW - 30 * DAY
    assert not policy(own).is_old_run("d", before or NOW - 999 * DAY)
    assert before is None or policy(own).is_old_run("d", before - timedelta.resolution)


def test_the_search_begins_at_the_shortest_age_of_all() -> None:
    assert policy(Retention(age=DAY)).any_run_before == NOW - DAY
    assert policy(Retention(age=90 * DAY)).any_run_before == NOW - 30 * DAY
    assert Policy(Limits(), {"d": Retention(age=0 * DAY)}, NOW).any_run_before is None


@pytest.mark.parametrize(
    ("own", "runs"),
    [(None, 100), (Retention(runs=7), 7), (Retention(runs=2), 5), (Retention(runs=0), 0)],
)
def test_as_many_runs_stay_as_the_dag_or_the_site_says(own: Retention | None, runs: int) -> None:
    """Never fewer than the site keeps in any case."""
    assert policy(own).runs_max("d") == runs


def test_logs_have_an_age_of_their_own() -> None:
    assert policy(Retention(log_age=DAY)).log_before("d") == NOW - DAY
    assert policy(Retention(age=DAY)).log_before("d") == NOW - 10 * DAY
    assert policy(Retention(log_age=0 * DAY)).log_before("d") is None
    assert policy(Retention(log_bytes=9)).log_bytes("d") == 9
    assert policy().log_bytes("d") == 0


def test_all_logs_may_take_a_size_or_a_part_of_the_disk() -> None:
    assert Policy(Limits(log_bytes=7, log_share=0.5), {}, NOW).all_log_bytes(100) == 7
    assert Policy(Limits(log_share=0.5), {}, NOW).all_log_bytes(100) == 50
    assert Policy(Limits(), {}, NOW).all_log_bytes(100) == 0


def test_a_part_without_an_age_is_kept_for_ever() -> None:
    assert policy().before("xcom") is None


def test_a_person_who_says_a_date_means_everything() -> None:
    asked = older_than(NOW - DAY, NOW)
    assert asked.before("log") == asked.before("xcom") == asked.run_before("d") == NOW - DAY
    assert asked.runs_max("d") == 0
    assert asked.limits.runs_kept == 1


@pytest.mark.parametrize(
    ("bytes_max", "first_kept"),
    [(0, 0), (100, 0), (60, 0), (59, 2), (50, 2), (49, 5), (30, 5), (29, 8)],
)
def test_the_oldest_logs_are_too_much(bytes_max: int, first_kept: int) -> None:
    sizes = {1: 10, 4: 20, 7: 30}
    assert cut(sizes, bytes_max) == first_kept


def test_what_counts_for_a_dag_is_shown() -> None:
    expected = {"run_days": 30, "runs": 100, "log_days": 10, "log_bytes": None}
    own = Retention(age=0 * DAY, runs=3, log_bytes=9)

    assert shown(None, SITE) == expected
    assert shown(own, SITE) == {"run_days": None, "runs": 3, "log_days": 10, "log_bytes": 9}
    assert shown(own, Limits(is_on=False)) == {"enabled": False}
