"""What should happen now: the scheduler's one decision, on plain values."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowctl.core.drain import Drain
from flowctl.core.examination import LOOKS_PER_RUN_AND_TICK
from flowctl.core.spec import TaskSpec
from flowctl.core.states import FINISHED, OCCUPYING, RunState, TaskState
from flowctl.core.tick import decide
from tests.core.worlds import (
    NOON,
    dag,
    end,
    names,
    play,
    run_of,
    scheduled,
    states,
    step,
    task,
    world,
)


def test_the_first_tasks_start_and_the_next_follow_when_they_end() -> None:
    chain = dag(task("a"), task("b", "a"))
    it = world(chain)
    run = run_of(chain)
    it.put_run(run)

    assert names(it, step(it)) == ["a"]
    assert names(it, step(it)) == []
    end(it, run.task("a"))
    assert names(it, step(it)) == ["b"]
    end(it, run.task("b"))
    step(it)
    assert run.state is RunState.SUCCESS


def test_deciding_changes_nothing() -> None:
    chain = dag(task("a"), task("b", "a", is_empty=True))
    it = world(chain)
    run = run_of(chain, a=TaskState.SUCCESS)
    it.put_run(run)

    assert decide(it, NOON) == decide(it, NOON)
    assert states(run) == {"a": "success", "b": "none"}


def test_a_skip_and_a_failure_run_down_the_graph_within_one_tick() -> None:
    long = dag(task("a"), *(task(f"t{n}", f"t{n - 1}" if n else "a") for n in range(50)))
    it = world(long)
    run = run_of(long, a=TaskState.SKIPPED)
    it.put_run(run)

    step(it)

    assert set(states(run).values()) == {"skipped"}
    assert run.state is RunState.SUCCESS


def test_ten_thousand_empty_tasks_end_in_a_few_short_ticks_and_start_no_process() -> None:
    wide = dag(
        task("first", is_empty=True),
        *(task(f"t{n}", "first", is_empty=True) for n in range(10_000)),
        max_active_tasks=1,
    )
    it = world(wide)
    run = run_of(wide)
    it.put_run(run)

    steps = 10_000 // LOOKS_PER_RUN_AND_TICK

    plans = [step(it) for _ in range(steps + 1)]

    assert [len(plan.moves) for plan in plans] == [*[LOOKS_PER_RUN_AND_TICK] * steps, 1]
    assert {plan.next_look for plan in plans} == {NOON}
    assert not any(plan.starts for plan in plans)
    assert run.state is RunState.SUCCESS


def test_what_a_tick_has_no_time_for_is_looked_at_by_the_next_one() -> None:
    count = LOOKS_PER_RUN_AND_TICK + 300
    many = dag(*(task(f"t{n}", is_empty=n == count - 1) for n in range(count)), max_active_tasks=1)
    it = world(many)
    run = run_of(many)
    it.put_run(run)

    step(it)
    assert run.task(f"t{count - 1}").state is TaskState.NONE
    assert run.task("t300").state is TaskState.SCHEDULED

    plan = step(it)
    assert run.task(f"t{count - 1}").state is TaskState.SUCCESS
    assert not plan.postponed


def test_the_first_look_at_a_run_is_at_its_beginnings_only() -> None:
    chains = dag(*(task(f"t{n}", *([f"t{n - 1}"] if n % 10 else [])) for n in range(100)))
    run = run_of(chains)
    world(chains).put_run(run)

    assert run.dirty == {f"t{n}" for n in range(0, 100, 10)}


def test_a_run_fails_when_a_leaf_failed() -> None:
    fork = dag(task("a"), task("good", "a"), task("bad", "a"), task("after", "bad"))
    it = world(fork)
    run = run_of(fork)
    it.put_run(run)

    play(it, [("bad", TaskState.FAILED)])

    assert states(run) == {
        "a": "success",
        "good": "success",
        "bad": "failed",
        "after": "upstream_failed",
    }
    assert run.state is RunState.FAILED


def test_heavier_tasks_start_first_then_older_runs_then_the_order_of_the_dag() -> None:
    both = dag(
        task("light", priority_weight=1),
        task("second", priority_weight=5),
        task("heavy", priority_weight=9),
        task("third", priority_weight=5),
    )
    it = world(both, parallelism=3)
    it.put_run(run_of(both))

    assert names(it, step(it)) == ["heavy", "second", "third"]


def test_a_big_task_does_not_block_smaller_ones() -> None:
    mixed = dag(task("big", priority_weight=9, pool_slots=3), task("small"))
    it = world(mixed, default_pool=2)
    it.put_run(run_of(mixed))

    assert names(it, step(it)) == ["small"]


def test_a_full_pool_does_not_hold_back_another_pool() -> None:
    mixed = dag(task("a", pool="tiny", priority_weight=9), task("b", pool="tiny"), task("c"))
    it = world(mixed, tiny=1)
    it.put_run(run_of(mixed))

    assert names(it, step(it)) == ["a", "c"]


def test_a_waiting_task_starts_once_its_pool_has_room() -> None:
    two = dag(task("a", pool="tiny"), task("b", pool="tiny"))
    it = world(two, tiny=1)
    run = run_of(two)
    it.put_run(run)
    assert names(it, step(it)) == ["a"]
    assert run.task("b").state is TaskState.SCHEDULED

    end(it, run.task("a"))

    assert names(it, step(it)) == ["b"]


def test_max_active_tasks_counts_all_runs_of_the_dag() -> None:
    four = dag(*(task(f"t{n}") for n in range(4)), max_active_tasks=3)
    it = world(four)
    it.put_run(run_of(four))
    it.put_run(run_of(four))

    assert len(step(it).starts) == 3


def test_a_paused_dag_starts_nothing_and_goes_on_when_unpaused() -> None:
    one = dag(task("a"), task("b", is_empty=True))
    one.is_paused = True
    it = world(one)
    run = run_of(one)
    it.put_run(run)
    assert step(it).starts == []

    awake = dag(task("a"), task("b", is_empty=True))
    it.put_dag(awake)

    assert names(it, step(it)) == ["a"]
    assert run.task("b").state is TaskState.SUCCESS


@pytest.mark.parametrize("stop", ["paused", "drained"])
def test_what_comes_after_an_empty_task_that_had_to_wait_starts(stop: str) -> None:
    """Its run has no other task left that could go on; that is no deadlock."""
    tasks = (task("a", is_empty=True), task("b", "a"))
    one = dag(*tasks)
    one.is_paused = stop == "paused"
    it = world(one)
    it.drain = Drain("ann", NOON) if stop == "drained" else None
    run = run_of(one)
    it.put_run(run)
    assert step(it).starts == []
    assert states(run) == {"a": "scheduled", "b": "none"}

    it.drain = None
    it.put_dag(dag(*tasks))
    step(it)
    assert run.state is RunState.RUNNING
    assert names(it, step(it)) == ["b"]


def test_a_retry_waits_for_its_time_and_the_plan_says_when_to_look_again() -> None:
    one = dag(task("a", retries=1))
    it = world(one)
    run = run_of(one)
    it.put_run(run)
    step(it)
    later = NOON + timedelta(minutes=5)
    end(it, run.task("a"), TaskState.UP_FOR_RETRY, retry_at=later)

    plan = step(it)
    assert plan.is_empty
    assert plan.next_look == later
    plan = step(it, later)
    assert [move.try_number for move in plan.starts] == [2]


def test_runs_beyond_max_active_runs_wait_and_the_oldest_goes_first() -> None:
    one = dag(task("a"), max_active_runs=1)
    it = world(one)
    young = run_of(one, RunState.QUEUED, logical_date=NOON - timedelta(days=1))
    old = run_of(one, RunState.QUEUED, logical_date=NOON - timedelta(days=2))
    it.put_run(young)
    it.put_run(old)

    step(it)
    assert (old.state, young.state) == (RunState.RUNNING, RunState.QUEUED)
    end(it, old.task("a"))
    step(it)
    step(it)
    assert (old.state, young.state) == (RunState.SUCCESS, RunState.RUNNING)


def test_catching_up_makes_every_run_once_and_in_order() -> None:
    daily = scheduled(task("a"), max_active_runs=3)
    it = world(daily)

    plan = step(it)

    assert [new.run_id for new in plan.new_runs] == [
        "scheduled__2023-12-28T00:00:00+00:00",
        "scheduled__2023-12-29T00:00:00+00:00",
        "scheduled__2023-12-30T00:00:00+00:00",
    ]
    assert it.dags["d"].due is not None
    assert it.dags["d"].due.logical_date.day == 31


def test_without_catchup_only_the_latest_run_is_made() -> None:
    daily = scheduled(task("a"), catchup=False)
    it = world(daily)

    plan = step(it)

    assert [new.run_id for new in plan.new_runs] == ["scheduled__2023-12-31T00:00:00+00:00"]
    assert plan.next_due["d"] is not None


def test_a_task_that_depends_on_its_past_waits_for_the_run_before() -> None:
    one = dag(task("a", depends_on_past=True))
    it = world(one)
    first = run_of(one, logical_date=NOON - timedelta(days=2))
    second = run_of(one, previous=first)
    it.put_run(first)
    it.put_run(second)

    assert [move.run_pk for move in step(it).starts] == [first.pk]
    end(it, first.task("a"), TaskState.SUCCESS)
    assert [move.run_pk for move in step(it).starts] == [second.pk]


def test_a_run_that_takes_longer_than_its_timeout_fails_and_its_tasks_are_ended() -> None:
    slow = dag(task("a"), task("b", "a"), dagrun_timeout=timedelta(minutes=90))
    it = world(slow)
    run = run_of(slow)
    it.put_run(run)
    plan = step(it)
    assert plan.next_look == NOON + timedelta(minutes=30)

    plan = step(it, NOON + timedelta(minutes=30))

    assert run.state is RunState.FAILED
    assert states(run) == {"a": "skipped", "b": "skipped"}
    assert plan.kills == [(run.task("a").id, 1)]


def test_a_branch_leaves_out_what_it_did_not_choose() -> None:
    fork = dag(task("pick", can_skip_others=True), task("left", "pick"), task("right", "pick"))
    it = world(fork)
    run = run_of(fork, pick=TaskState.SUCCESS)
    run.task("pick").followed = frozenset({"left"})
    it.put_run(run)

    assert names(it, step(it)) == ["left"]
    assert run.task("right").state is TaskState.SKIPPED


@st.composite
def _graphs(draw: st.DrawFn) -> tuple[list[TaskSpec], dict[str, TaskState], int, int]:
    size = draw(st.integers(1, 12))
    rules = ["all_success", "all_done", "one_failed", "one_success", "none_failed", "all_failed"]
    tasks = []
    for n in range(size):
        parents = draw(st.sets(st.integers(0, n - 1), max_size=3)) if n else set()
        tasks.append(
            task(
                f"t{n}",
                *(f"t{p}" for p in parents),
                trigger_rule=draw(st.sampled_from(rules)),
                is_empty=draw(st.booleans()),
                pool_slots=draw(st.integers(1, 2)),
                priority_weight=draw(st.integers(1, 5)),
            )
        )
    fates = {
        f"t{n}": draw(st.sampled_from([TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED]))
        for n in range(size)
    }
    return tasks, fates, draw(st.integers(1, 4)), draw(st.integers(2, 4))


@given(_graphs())
@settings(max_examples=150, deadline=None)
def test_every_run_ends_and_no_limit_is_ever_exceeded(
    case: tuple[list[TaskSpec], dict[str, TaskState], int, int],
) -> None:
    """Whatever the graph, the rules and the fates: an end for all, within every limit."""
    tasks, fates, parallelism, slots = case
    one = dag(*tasks)
    it = world(one, parallelism=parallelism, default_pool=slots)
    run = run_of(one)
    it.put_run(run)
    tries: dict[int, int] = {}
    for _ in range(100):
        plan = step(it)
        live = [t for t in run.instances if t.state in OCCUPYING]
        assert len(live) == it.usage.total <= parallelism
        assert sum(t.spec.pool_slots for t in live) <= slots
        for move in plan.starts:
            tries[move.ti_id] = tries.get(move.ti_id, 0) + 1
        if not live and plan.is_empty:
            break
        if live:
            end(it, live[0], fates[live[0].spec.task_id])
    assert run.is_finished
    assert all(t.state in FINISHED for t in run.instances)
    assert set(tries.values()) <= {1}


def test_without_catchup_a_dag_that_had_no_room_goes_on_with_the_latest_interval() -> None:
    daily = scheduled(task("a"), catchup=False, max_active_runs=1)
    it = world(daily)
    step(it)
    first = run_of(daily, logical_date=NOON - timedelta(days=1))
    it.put_run(first)
    step(it)
    later = NOON + timedelta(days=5)
    assert step(it, later).new_runs == []

    end(it, first.task("a"))
    step(it, later)

    new = step(it, later).new_runs
    assert [run.due.logical_date.date() for run in new] == [(later - timedelta(days=1)).date()]
