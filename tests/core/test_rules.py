"""What a site decides for all its DAGs."""

from datetime import timedelta

from flowctl.core import explain
from flowctl.core.dag import Dag
from flowctl.core.run import Run
from flowctl.core.states import RunType
from flowctl.core.tick import decide
from flowctl.core.world import Rules, World
from tests.core.worlds import NOON, dag, names, run_of, scheduled, step, task, world


def governed(one: Dag, rules: Rules) -> World:
    """Return a world with one DAG, under these rules."""
    made = world(one)
    made.rules = rules
    return made


def ahead(of: Dag) -> Run:
    """Return a triggered run whose logical date is an hour ahead."""
    made = run_of(of, logical_date=NOON + timedelta(hours=1))
    made.run_type = RunType.MANUAL
    return made


def test_schedules_can_be_switched_off() -> None:
    """Then only triggered runs are made, and the answer to `why` says so."""
    daily = scheduled(task("a"))
    assert decide(governed(daily, Rules()), NOON).new_runs

    it = governed(daily, Rules(makes_scheduled_runs=False))

    plan = decide(it, NOON)
    assert plan.is_empty
    assert plan.next_look is None
    assert "use_job_schedule" in explain.of_dag(it, "d", NOON)


def test_a_triggered_run_waits_for_its_logical_date() -> None:
    """Whether it has a schedule or not."""
    one = dag(task("a"))
    it = governed(one, Rules())
    it.put_run(ahead(one))

    assert names(it, step(it)) == []


def test_a_run_of_a_dag_without_a_schedule_may_start_ahead_of_time() -> None:
    """A scheduled DAG's may not."""
    rules = Rules(runs_ahead_of_time=True)
    free, daily = dag(task("a")), scheduled(task("a"), catchup=False)

    it = governed(free, rules)
    run = ahead(free)
    it.put_run(run)
    assert explain.of_run(it, run, NOON) is None
    assert names(it, step(it)) == ["a"]

    it = governed(daily, rules)
    run = ahead(daily)
    it.put_run(run)
    assert "ahead" in (explain.of_run(it, run, NOON) or "")
    assert run.pk not in {move.run_pk for move in decide(it, NOON).moves}
