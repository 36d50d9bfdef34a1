"""Which tasks and runs are late, and from when on."""

from datetime import timedelta
from typing import Any

import pytest

from flowctl.core.lateness import due, is_missed
from flowctl.core.run import Run
from flowctl.core.spec import DeadlineSpec
from flowctl.core.states import TaskState
from tests.core.worlds import NOON, dag, run_of, task

HOUR = timedelta(hours=1)


def a_run(run_type: str = "scheduled", sla: timedelta = HOUR, **options: Any) -> Run:
    """Return a run of yesterday whose task `slow` may take until `sla` after its data is there."""
    states = {name: options.pop(name) for name in ("slow", "other") if name in options}
    run = run_of(dag(task("slow", sla=sla), task("other"), **options), **states)
    run.run_type = run_type
    run.data_interval_end, run.queued_at = NOON, NOON + timedelta(minutes=1)
    return run


def moments(run: Run) -> dict[str, Any]:
    return {one.task_id or str(one.number): one.at for one in due(run)}


def test_an_sla_counts_from_the_end_of_the_data() -> None:
    assert moments(a_run()) == {"slow": NOON + HOUR}


def test_a_run_that_a_person_started_has_no_sla() -> None:
    assert moments(a_run("manual")) == {}


def test_each_deadline_counts_from_its_own_moment() -> None:
    specs = (
        DeadlineSpec("logical_date", HOUR),
        DeadlineSpec("queued_at", HOUR),
        DeadlineSpec("fixed", HOUR, NOON + timedelta(days=3)),
    )
    assert moments(a_run("manual", deadlines=specs)) == {
        "0": NOON - timedelta(days=1) + HOUR,
        "1": NOON + timedelta(minutes=1) + HOUR,
        "2": NOON + timedelta(days=3) + HOUR,
    }


def test_an_sla_of_for_ever_is_never_missed() -> None:
    assert moments(a_run(sla=timedelta.max))["slow"].year == 9999


@pytest.mark.parametrize(
    ("state", "is_late"),
    [
        (TaskState.NONE, True),
        (TaskState.RUNNING, True),
        (TaskState.UP_FOR_RETRY, True),
        (TaskState.FAILED, True),
        (TaskState.UPSTREAM_FAILED, True),
        (TaskState.SUCCESS, False),
        (TaskState.SKIPPED, False),
        (TaskState.REMOVED, False),
    ],
)
def test_what_is_not_done_by_then_is_late(state: TaskState, is_late: bool) -> None:
    run = a_run(slow=state)
    assert is_missed(run, due(run)[0]) is is_late


def test_a_run_that_goes_on_has_missed_its_deadline() -> None:
    run = a_run("manual", deadlines=(DeadlineSpec("logical_date", HOUR),))
    assert is_missed(run, due(run)[0])
