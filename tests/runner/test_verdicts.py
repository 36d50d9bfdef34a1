"""How an attempt ended that could not say so itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from flowctl import config
from flowctl.core.attempt import Order, RetryPolicy
from flowctl.core.states import TaskState
from flowctl.runner import verdicts
from tests.runner.fakes import RUN


@pytest.mark.parametrize(("longest_s", "delay_s"), [("7", 7), ("86400", 600)])
def test_the_retry_of_a_killed_attempt_waits_no_longer_than_configured(
    flowctl_home: Path, monkeypatch: pytest.MonkeyPatch, longest_s: str, delay_s: int
) -> None:
    """`max_task_retry_delay` counts as for one that failed by itself."""
    monkeypatch.setenv("AIRFLOW__CORE__MAX_TASK_RETRY_DELAY", longest_s)
    assert flowctl_home.is_dir()
    config.forget()
    policy = RetryPolicy(timedelta(minutes=5), factor=2.0, max_delay=timedelta(minutes=10))
    order = Order(RUN, ti_id=1, try_number=9, task_id="t", max_tries=20, retry=policy)
    outcome = verdicts.died(order, RUN.logical_date, RUN.logical_date, "killed")
    config.forget()

    assert outcome.state is TaskState.UP_FOR_RETRY
    assert outcome.retry_at == RUN.logical_date + timedelta(seconds=delay_s)
