"""Why a task does not run: the first true cause, never another answer than the scheduler's."""

from datetime import timedelta
from typing import Any

from flowctl.core import explain
from flowctl.core.run import Run
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, end, run_of, scheduled, step, task, world


def asked(it: World, run: Run, task_id: str) -> str:
    """Return the answer at noon, once the scheduler has done what it can."""
    step(it)
    return explain.of_task(it, run.task(task_id), NOON)


def test_the_pool_is_full() -> None:
    one = dag(task("big", pool="p", pool_slots=2), task("small", pool="p"))
    it = world(one, p=2)
    run = run_of(one, big=TaskState.RUNNING)
    it.put_run(run)

    assert asked(it, run, "small") == (
        "pool 'p' is full: 2 of 2 slots are in use, the task needs 1; taken by d.big"
    )


def test_only_the_first_of_many_that_take_the_room_are_named() -> None:
    many = dag(*(task(f"t{at}", pool="p") for at in range(8)), task("last", pool="p"))
    it = world(many, p=8)
    states: dict[str, Any] = {f"t{at}": TaskState.RUNNING for at in range(8)}
    run = run_of(many, **states)
    it.put_run(run)

    assert asked(it, run, "last").endswith("; taken by d.t0, d.t1, d.t2, d.t3, d.t4 and 3 more")


def test_the_file_of_the_dag_is_gone() -> None:
    """As under Airflow: what runs goes on, nothing else starts, until the file is back."""
    one = dag(task("a"), task("b"))
    it = world(one)
    run = run_of(one, a=TaskState.RUNNING)
    it.put_run(run)
    gone = it.dags.pop("d")

    reason = asked(it, run, "b")
    meanwhile = run.state, run.task("a").state, run.task("b").state
    it.dags["d"] = gone
    step(it)

    assert reason == (
        "DAG 'd' is no longer defined by any file; its runs go on once one defines it again,"
        " or remove it with: flowctl dags delete d"
    )
    assert meanwhile == (RunState.RUNNING, TaskState.RUNNING, TaskState.SCHEDULED)
    assert run.task("b").state is TaskState.QUEUED


def test_the_limit_of_the_dag_is_reached() -> None:
    one = dag(task("a"), task("b"), max_active_tasks=1)
    it = world(one)
    run = run_of(one, a=TaskState.RUNNING)
    it.put_run(run)

    assert asked(it, run, "b") == (
        "DAG 'd' runs 1 tasks, as many as its max_active_tasks allows; taken by d.a"
    )


def test_the_limit_of_runs_is_reached() -> None:
    one = dag(task("a"), max_active_runs=1)
    it = world(one)
    it.put_run(run_of(one, a=TaskState.RUNNING))
    run = run_of(one, RunState.QUEUED)
    it.put_run(run)

    assert "1 runs of DAG 'd' are under way, as many as its max_active_runs (1)" in asked(
        it, run, "a"
    )


def test_the_limit_of_the_task_is_reached() -> None:
    one = dag(task("a", max_active_tis_per_dag=1))
    it = world(one)
    it.put_run(run_of(one, a=TaskState.RUNNING))
    run = run_of(one)
    it.put_run(run)

    assert "as often as its max_active_tis_per_dag allows" in asked(it, run, "a")


def test_an_upstream_task_is_not_done() -> None:
    one = dag(task("a"), task("b"), task("c", "a", "b"))
    it = world(one)
    run = run_of(one, a=TaskState.RUNNING, b=TaskState.SUCCESS)
    it.put_run(run)

    assert asked(it, run, "c") == (
        "its rule all_success needs all 2 upstream tasks to succeed;"
        " 1 not finished (a is running), 1 succeeded"
    )


def test_an_upstream_task_failed_under_the_rule() -> None:
    one = dag(task("a"), task("b", "a"))
    it = world(one)
    run = run_of(one, a=TaskState.RUNNING)
    it.put_run(run)
    end(it, run.task("a"), TaskState.FAILED)

    assert asked(it, run, "b") == (
        "it did not run, upstream failed: its rule all_success needs its upstream task to succeed;"
        " 1 failed (a is failed)"
    )


def test_a_branch_decided_against_it() -> None:
    one = dag(task("choose", can_skip_others=True), task("left", "choose"), task("right", "choose"))
    it = world(one)
    run = run_of(one, choose=TaskState.RUNNING)
    it.put_run(run)
    run.task("choose").followed = frozenset({"left"})
    end(it, run.task("choose"))

    assert asked(it, run, "right") == "it was skipped: 'choose' decided not to run it"


RULE = "trigger rule all_success"  # as recorded when the rule alone decided


def test_a_task_stays_failed_when_only_its_upstream_was_cleared() -> None:
    """The answer tells apart what held then and what holds now."""
    one = dag(task("a"), task("b", "a"))
    it = world(one)
    run = run_of(one, b=TaskState.UPSTREAM_FAILED)
    it.put_run(run)

    assert explain.of_task(it, run.task("b"), NOON, RULE) == (
        "it did not run, upstream failed as its upstream tasks stood then. Now its rule all_success"
        " needs its upstream task to succeed; 1 not finished (a has not started). It stays"
        " upstream_failed until it is cleared, too: flowctl tasks clear d"
        f" --run-id {run.run_id} -t '^b$'"
    )


def test_a_recorded_reason_outlives_a_clear() -> None:
    one = dag(task("choose", can_skip_others=True), task("left", "choose"))
    it = world(one)
    run = run_of(one, left=TaskState.SKIPPED)
    it.put_run(run)
    recorded = "'choose' decided not to run it"

    assert explain.of_task(it, run.task("left"), NOON, recorded) == f"it was skipped: {recorded}"


def test_a_second_life_that_was_skipped_is_not_told_as_a_try() -> None:
    one = dag(task("a"), task("b", "a"))
    it = world(one)
    run = run_of(one, a=TaskState.SKIPPED, b=TaskState.SKIPPED)
    run.task("b").try_number = 1
    it.put_run(run)

    assert explain.of_task(it, run.task("b"), NOON, RULE) == (
        "it was skipped: its rule all_success needs its upstream task to succeed; 1 skipped (a)"
    )


def test_a_retry_has_its_time() -> None:
    one = dag(task("a", retries=2))
    it = world(one)
    run = run_of(one)
    it.put_run(run)
    step(it)
    end(
        it,
        run.task("a"),
        TaskState.UP_FOR_RETRY,
        retry_at=NOON + timedelta(minutes=5),
        try_number=1,
    )

    assert asked(it, run, "a") == "try 1 failed; try 2 of 3 comes at 2024-01-01 12:05:00 UTC"


def test_the_start_date_is_ahead() -> None:
    one = scheduled(task("a"), start_date=NOON + timedelta(days=1))

    assert explain.of_dag(world(one), "d", NOON) == (
        "the start date of DAG 'd' is ahead, 2024-01-02 12:00:00 UTC; its first run comes at"
        " 2024-01-04 00:00:00 UTC"
    )


def test_the_logical_date_is_ahead() -> None:
    one = dag(task("a"))
    it = world(one)
    run = run_of(one, logical_date=NOON + timedelta(hours=1))
    it.put_run(run)

    assert asked(it, run, "a") == "the run's logical date is ahead, 2024-01-01 13:00:00 UTC"


def test_the_dag_is_paused() -> None:
    one = dag(task("a"))
    one.is_paused = True
    it = world(one)
    run = run_of(one)
    it.put_run(run)

    assert asked(it, run, "a").startswith("DAG 'd' is paused;")


def test_the_executor_is_full() -> None:
    one = dag(task("a"), task("b"))
    it = world(one, parallelism=1)
    run = run_of(one, a=TaskState.RUNNING)
    it.put_run(run)

    assert asked(it, run, "b") == (
        "the executor is full: 1 tasks run or are next in line; [core] parallelism limits them;"
        " taken by d.a"
    )


def test_the_task_in_the_run_before_failed() -> None:
    one = dag(task("a", depends_on_past=True))
    it = world(one)
    before = run_of(one, RunState.FAILED, logical_date=NOON - timedelta(days=2), a=TaskState.FAILED)
    run = run_of(one, previous=before)
    it.put_run(before)
    it.put_run(run)

    assert asked(it, run, "a").startswith("depends_on_past: 'a' in the run before")


def test_a_dag_without_a_schedule_names_the_command() -> None:
    one = dag(task("a"))

    assert explain.of_dag(world(one), "d", NOON).endswith("flowctl dags trigger d")


def test_what_is_free_is_what_the_scheduler_starts() -> None:
    """Before the scheduler has looked, the answer is the plan that it will make."""
    one = dag(task("a"), task("b", "a"))
    it = world(one)
    run = run_of(one)
    it.put_run(run)

    assert explain.of_task(it, run.task("a"), NOON) == explain.FREE
    assert explain.of_task(it, run.task("b"), NOON) != explain.FREE
