"""What the scheduler remembers stays small, and asking it stays cheap."""

from datetime import timedelta

import pytest

from flowctl.core import tick
from flowctl.core.graph import WEIGHT_MAX
from flowctl.core.states import RunState, TaskState
from flowctl.core.tick import decide
from tests.core.worlds import NOON, dag, end, names, run_of, scheduled, step, task, world

SUCCESS = TaskState.SUCCESS


def test_paused_dags_are_not_looked_at_in_every_tick() -> None:
    paused = scheduled(task("a"))
    paused.is_paused = True
    it = world(paused)

    assert not it.unknown_due
    paused.is_paused = False
    it.put_dag(paused)
    assert decide(it, NOON).new_runs


def test_a_run_that_is_gone_leaves_nothing_behind() -> None:
    daily = dag(task("a", depends_on_past=True))
    it = world(daily)
    first = run_of(daily, RunState.SUCCESS, a=SUCCESS)
    second = run_of(daily, previous=first)
    it.put_run(first)
    it.put_run(second)

    it.drop_run(second.pk)
    it.drop_run(first.pk)

    kept = (it.successors, it.runs, it.by_id, it.dirty_runs)
    assert not any(kept)


def test_the_end_of_a_task_stirs_only_the_same_task_of_the_next_run() -> None:
    wide = dag(*(task(f"t{n}", depends_on_past=True) for n in range(10)))
    it = world(wide)
    first = run_of(wide)
    for one in first.tasks.values():
        one.state = TaskState.RUNNING
    second = run_of(wide, previous=first)
    it.put_run(first)
    it.put_run(second)
    step(it)

    end(it, first.tasks["t7"])

    assert second.dirty == {"t7"}
    assert names(it, step(it)) == ["t7"]


def test_a_task_that_waits_for_downstream_starts_when_that_ends() -> None:
    chain = dag(task("a", depends_on_past=True, wait_for_downstream=True), task("b", "a"))
    it = world(chain)
    first = run_of(chain, a=SUCCESS, b=TaskState.RUNNING)
    second = run_of(chain, previous=first)
    it.put_run(first)
    it.put_run(second)
    assert names(it, step(it)) == []

    end(it, first.tasks["b"])

    assert names(it, step(it)) == ["a"]


def test_a_run_that_goes_on_is_not_searched_for_a_deadlock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain = dag(task("a"), task("b", "a"), task("c", "b"))
    it = world(chain)
    run = run_of(chain, a=SUCCESS)
    it.put_run(run)
    monkeypatch.delattr(tick, "_is_stuck")  # whoever asks fails

    assert names(it, step(it)) == ["b"]


def test_a_cleared_run_has_its_whole_time_again() -> None:
    short = dag(task("a"), dagrun_timeout=timedelta(hours=1))
    it = world(short)
    run = run_of(short, RunState.QUEUED)
    run.start_date = NOON - timedelta(days=2)
    it.put_run(run)

    step(it)

    assert run.deadline == NOON + timedelta(hours=1)
    step(it, NOON + timedelta(seconds=1))
    assert run.state is RunState.RUNNING


def test_a_timeout_beyond_the_last_year_never_comes() -> None:
    patient = dag(task("a"), dagrun_timeout=timedelta.max)
    it = world(patient)
    it.put_run(run_of(patient))

    assert names(it, step(it)) == ["a"]


def test_weights_fit_into_the_columns_of_a_database() -> None:
    heavy = dag(task("a", priority_weight=10**30), task("b", "a", priority_weight=-(10**30)))

    assert set(heavy.graph.weights.values()) <= {WEIGHT_MAX, -WEIGHT_MAX, 0}
