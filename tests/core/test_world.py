"""What the scheduler remembers stays small, and asking it stays cheap."""

from datetime import timedelta

import pytest

from flowctl.core import run_moves, slots
from flowctl.core.graph import WEIGHT_MAX
from flowctl.core.run import Task
from flowctl.core.states import RunState, TaskState
from flowctl.core.tick import decide
from tests.core.worlds import NOON, dag, end, names, run_of, scheduled, step, task, world

SUCCESS = TaskState.SUCCESS


def test_paused_dags_are_not_looked_at_in_every_tick() -> None:
    paused = scheduled(task("a"))
    paused.is_paused = True
    it = world(paused)

    assert not it.calendar.unknown
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

    kept = (it.successors, it.runs, it.runs_of, it.by_id, it.dirty_runs)
    assert not any(kept)


def test_tasks_that_wait_for_the_same_room_are_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many runs of a task that runs once at a time are ready; of a full pool, none is."""
    big = dag(*(task(f"t{n}", pool="tiny", pool_slots=2) for n in range(50)), dag_id="big")
    once = dag(task("a", max_active_tis_per_dag=1), dag_id="once", max_active_tasks=100)
    it = world(big, once, tiny=3)
    it.put_run(run_of(big))
    for _ in range(50):
        it.put_run(run_of(once))
    assert names(it, step(it)) == ["t0", "a"]
    asked = []
    blocker = slots.Room.blocker

    def counting(room: slots.Room, ready: Task) -> str | None:
        asked.append(ready.id)
        return blocker(room, ready)

    monkeypatch.setattr(slots.Room, "blocker", counting)

    assert step(it).is_empty
    assert [it.by_id[one].run.dag_id for one in asked] == ["once"]


def test_a_version_with_a_higher_limit_does_not_wait_in_line_behind_the_old_one() -> None:
    old = dag(task("a", max_active_tis_per_dag=1))
    new = dag(task("a", max_active_tis_per_dag=2))
    it = world(new)
    for version in (old, old, new):
        it.put_run(run_of(version))

    assert len(step(it).starts) == 2


def test_a_changed_dag_stirs_its_own_runs_only() -> None:
    one, other = dag(task("a"), dag_id="one"), dag(task("a"), dag_id="other")
    it = world(one, other)
    mine, foreign = run_of(one), run_of(other)
    it.put_run(mine)
    it.put_run(foreign)
    it.dirty_runs.clear()

    it.put_dag(one)

    assert it.dirty_runs == {mine.pk}


def test_the_end_of_a_task_stirs_only_the_same_task_of_the_next_run() -> None:
    wide = dag(*(task(f"t{n}", depends_on_past=True) for n in range(10)))
    it = world(wide)
    first = run_of(wide)
    for one in first.instances:
        one.state = TaskState.RUNNING
    second = run_of(wide, previous=first)
    it.put_run(first)
    it.put_run(second)
    step(it)

    end(it, first.task("t7"))

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

    end(it, first.task("b"))

    assert names(it, step(it)) == ["a"]


def test_a_run_that_goes_on_is_not_searched_for_a_deadlock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain = dag(task("a"), task("b", "a"), task("c", "b"))
    it = world(chain)
    run = run_of(chain, a=SUCCESS)
    it.put_run(run)
    monkeypatch.delattr(run_moves, "_is_stuck")  # whoever asks fails

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


def test_a_task_whose_further_tries_weigh_less_lets_others_go_first() -> None:
    """Of a user's strategy: each try has its weight, and one that goes on keeps its own."""
    tired = task("tired", try_weights=(3, 1), retries=5)
    it = world(dag(tired, task("other", priority_weight=2), max_active_tasks=1))
    run = run_of(it.dags["d"])
    it.put_run(run)

    assert names(it, step(it)) == ["tired"]
    end(it, run.task("tired"), TaskState.UP_FOR_RETRY, retry_at=NOON)
    assert names(it, step(it)) == ["other"]
    assert run.task("tired").state is TaskState.SCHEDULED
    end(it, run.task("other"))
    assert names(it, step(it)) == ["tired"]
    assert not it.lanes
