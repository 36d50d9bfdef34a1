"""A run ends as under Airflow 2.10.5, whatever its tasks came to.

`data/ask_ends.py` asked `DagRun.update_state` about every mix; `data/ends.json` has its answers.
"""

import json
from pathlib import Path

import pytest

from flowctl.core.states import RunState, TaskState
from tests.core.worlds import dag, run_of, step, task, world

CASES = json.loads((Path(__file__).parent / "data" / "ends.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_run_ends_as_its_leaves_did(case: list[str]) -> None:
    """Also where tasks are missing, as their own dates may have it."""
    *mix, expected = case
    daily = dag(task("a"), task("b", "a"), task("c"))
    run = run_of(daily)
    for task_id, state in zip("abc", mix, strict=True):
        if state == "absent":
            del run.tasks[task_id]
        else:
            run.task(task_id).state = TaskState(state)
    site = world(daily)
    site.put_run(run)

    step(site)

    assert run.state == RunState(expected)


def test_a_failed_run_names_the_task_that_failed() -> None:
    """The last task says how a run ended; what failed may be far before it."""
    daily = dag(task("a"), task("b", "a"), task("c", "b"), task("d", "c"), task("e"))
    run = run_of(daily)
    for task_id, state in zip(
        "abcde",
        (TaskState.SUCCESS, TaskState.FAILED, *2 * [TaskState.UPSTREAM_FAILED], TaskState.SUCCESS),
        strict=True,
    ):
        run.task(task_id).state = state
    site = world(daily)
    site.put_run(run)

    (move,) = step(site).run_moves

    assert move.reason == "'b' failed, so 'd' could not start"


def test_a_run_whose_last_task_failed_names_that() -> None:
    daily = dag(task("a"))
    run = run_of(daily)
    run.task("a").state = TaskState.FAILED
    site = world(daily)
    site.put_run(run)

    (move,) = step(site).run_moves

    assert move.reason == "'a' failed"
