"""While flowctl drains nothing new starts, and everything says so; then it goes on by itself."""

from datetime import timedelta

from flowctl.core import explain
from flowctl.core.drain import Drain
from flowctl.core.states import RunState, TaskState
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

DRAIN = Drain("ann", NOON)


def test_what_runs_is_finished_and_nothing_starts_after_it() -> None:
    """Neither what comes after it nor a task that needs no process."""
    of = dag(task("a"), task("b", "a"), task("empty", "a", is_empty=True))
    made, run = world(of), run_of(of, a=TaskState.RUNNING)
    made.put_run(run)
    made.drain = DRAIN

    end(made, run.tasks["a"][0])
    for _ in range(3):
        assert names(made, step(made)) == []
    assert states(run) == {"a": "success", "b": "scheduled", "empty": "scheduled"}
    assert explain.of_task(made, run.tasks["b"][0], NOON) == (
        "ann lets flowctl drain since 2024-01-01 12:00:00 UTC: nothing new starts; go on with:"
        " flowctl drain --off"
    )

    made.drain = None
    assert names(made, step(made)) == ["b"]
    assert states(run)["empty"] == "success"


def test_runs_come_due_and_start_when_it_is_over() -> None:
    """No interval is lost, not even without catch-up."""
    of = scheduled(task("a"), catchup=False)
    made = world(of)
    made.drain = DRAIN
    assert len(step(made).new_runs) == 1

    waiting = run_of(of, RunState.QUEUED)
    made.put_run(waiting)
    assert step(made).run_moves == []
    assert "drain" in (explain.of_run(made, waiting, NOON) or "")
    made.drain = None
    assert [move.new for move in step(made).run_moves] == [RunState.RUNNING]


def test_a_retry_waits_until_it_is_over() -> None:
    """Its time may come meanwhile."""
    of = dag(task("a", retries=1))
    made, run = world(of), run_of(of, a=TaskState.RUNNING)
    made.put_run(run)
    made.drain = DRAIN
    end(made, run.tasks["a"][0], TaskState.UP_FOR_RETRY, retry_at=NOON)

    assert names(made, step(made, NOON + timedelta(hours=1))) == []
    made.drain = None
    assert names(made, step(made, NOON + timedelta(hours=1))) == ["a"]


def test_a_dag_that_is_drained_ends_its_runs_and_begins_no_other() -> None:
    chain = dag(task("a"), task("b", "a"))
    chain.is_paused = chain.drains = True
    it = world(chain)
    begun, waiting = run_of(chain, a=TaskState.SUCCESS), run_of(chain, RunState.QUEUED)
    it.put_run(begun)
    it.put_run(waiting)

    play(it)

    assert (begun.state, waiting.state) == (RunState.SUCCESS, RunState.QUEUED)
    assert explain.of_run(it, waiting, NOON) == (
        "DAG 'd' is paused; unpause it with: flowctl dags unpause d"
    )
