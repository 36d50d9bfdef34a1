"""Runs that are passed over, and runs that the next one cancels, as rows; every tick reads anew."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select

from flowctl.core.parsed import ParsedFile
from flowctl.core.plan import Plan
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.core.states import TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from flowctl.scheduler.memory import Memory
from flowctl.store import dags, passing, plans
from flowctl.store.engine import reading, writing
from flowctl.store.events import latest
from flowctl.store.schema import dag_run, task_instance, task_try
from tests.scheduler.sites import move_task
from tests.store.rows import NOW, lead

HOUR = timedelta(hours=1)
HOURLY = ScheduleSpec("cron", expression="0 * * * *", timezone="UTC", summary="@hourly")
WORK = TaskSpec("work")
CLEAN = TaskSpec(
    "clean", upstream=("work",), is_teardown=True, trigger_rule="all_done_setup_success"
)


def define(engine: Engine, *tasks: TaskSpec, **options: Any) -> None:
    """Let a file define an hourly DAG that began three hours ago."""
    given: dict[str, Any] = {"schedule": HOURLY, "start_date": NOW - 3 * HOUR} | options
    spec = DagSpec("d", "d.py", tasks, **given)
    with writing(engine) as conn:
        dags.record(
            conn, ParsedFile("d.py", "1", (spec,), source=b"1"), NOW, paused_at_creation=False
        )


def tick(engine: Engine, hours: float) -> Plan:
    """Take one step, of a scheduler that knows only the tables."""
    now, world = NOW + hours * HOUR, World(parallelism=8)
    with reading(engine) as conn:
        Memory(world).refresh(conn)
    plan = decide(world, now)
    with writing(engine) as conn:
        plans.apply(conn, plan, world, lead(conn), now)
    return plan


def until_quiet(engine: Engine, hours: float) -> None:
    """Take steps until nothing is to be done at this moment; what starts goes on."""
    for _ in range(20):
        plan = tick(engine, hours)
        if not (plan.new_runs or plan.moves or plan.run_moves or plan.passed):
            return
    raise AssertionError("it never comes to rest")


def runs(engine: Engine) -> list[tuple[int, str, str]]:
    """Return the hour, the state and the reason of each run."""
    columns = (dag_run.c.logical_date, dag_run.c.state, dag_run.c.reason)
    with reading(engine) as conn:
        rows = conn.execute(select(*columns).order_by(dag_run.c.logical_date)).all()
    return [(int((date - NOW) / HOUR), state, reason or "") for date, state, reason in rows]


def test_a_run_that_is_passed_over_is_not_made_later_and_leaves_its_reason(
    engine: Engine,
) -> None:
    define(engine, WORK, overlap="skip")
    until_quiet(engine, 0)
    until_quiet(engine, 1)
    with writing(engine) as conn:
        move_task(conn, 1, "work", TaskState.SUCCESS)
    until_quiet(engine, 1.5)

    assert runs(engine) == [(-1, "success", "")]
    with reading(engine) as conn:
        trail = {(row.detail["first"], row.detail["last"], row.actor) for row in latest(conn)}
        wanted = [(NOW - 3 * HOUR, NOW - 2 * HOUR), (NOW, NOW)]
        assert trail == {(a.isoformat(), b.isoformat(), "scheduler") for a, b in wanted}
        why = passing.reason(conn, "d", NOW)
        assert why == "an earlier run had not ended, overlap='skip'"
        assert passing.reason(conn, "d", NOW - HOUR) is None


def test_the_next_run_cancels_the_one_that_goes_on(engine: Engine) -> None:
    define(engine, WORK, overlap="cancel_running")
    until_quiet(engine, 0)
    until_quiet(engine, 1)

    assert [(hour, state) for hour, state, _ in runs(engine)] == [(-1, "failed"), (0, "running")]
    assert runs(engine)[0][2] == (
        "cancelled: the next run, of 2026-03-01 12:00:00 UTC, was due (overlap='cancel_running')"
    )
    with reading(engine) as conn:
        tries = conn.execute(select(task_try.c.state, task_try.c.end_date)).all()
    assert len(tries) == 2


def test_its_teardown_runs_before_the_next_begins_whoever_schedules_by_then(
    engine: Engine,
) -> None:
    define(engine, WORK, CLEAN, overlap="cancel_running")
    until_quiet(engine, 0)
    with writing(engine) as conn:
        move_task(conn, 1, "work", TaskState.RUNNING)
    until_quiet(engine, 1)
    assert [state for _, state, _ in runs(engine)] == ["running"]
    with reading(engine) as conn:
        states = dict(conn.execute(select(task_instance.c.task_id, task_instance.c.state)).all())
    assert states == {"work": "skipped", "clean": "queued"}

    with writing(engine) as conn:
        move_task(conn, 1, "clean", TaskState.SUCCESS)
    until_quiet(engine, 1.5)

    assert [(hour, state) for hour, state, _ in runs(engine)] == [(-1, "failed"), (0, "running")]
    assert runs(engine)[0][2].startswith("cancelled: ")


def test_only_the_window_is_caught_up(engine: Engine) -> None:
    define(
        engine, WORK, start_date=NOW - 1000 * HOUR, catchup_window=2.5 * HOUR, max_active_runs=16
    )
    until_quiet(engine, 0)

    assert [hour for hour, _, _ in runs(engine)] == [-3, -2, -1]
    with reading(engine) as conn:
        (row,) = latest(conn)
        assert row.detail["first"] == (NOW - 1000 * HOUR).isoformat()
        assert row.detail["last"] == (NOW - 4 * HOUR).isoformat()
