"""After a restart the executor and the metastore are brought together."""

import pytest
from sqlalchemy import Engine

from flowctl.core.spec import TaskSpec
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World
from flowctl.scheduler import rescue
from flowctl.scheduler.callbacks import AT_ONCE_MAX, Callbacks
from flowctl.scheduler.memory import Memory, task_key
from flowctl.store import callbacks, lease
from flowctl.store.engine import reading, writing
from tests.scheduler.sites import NOW, Remembering, add_run, define


def world_of(engine: Engine) -> World:
    memory = Memory(World(parallelism=8))
    with reading(engine) as conn:
        memory.refresh(conn)
    return memory.world


def test_attempts_that_were_ended_or_cleared_meanwhile_are_killed(engine: Engine) -> None:
    with writing(engine) as conn:
        term = lease.take(conn, "me", NOW) or 0
        define(conn, "d", *map(TaskSpec, ("cleared", "ended", "goes_on")))
        pk = add_run(
            conn,
            "d",
            0,
            cleared=TaskState.RESTARTING,
            ended=TaskState.SUCCESS,
            goes_on=TaskState.RUNNING,
        )
    world, executor = world_of(engine), Remembering()
    tasks = {task.spec.task_id: task for task in world.runs[pk].instances}
    known = {task_key(task) for task in tasks.values()} | {(-5, 0), (999, 1)}

    rescue.requeue_lost(engine, world, executor, known, term)

    cleared, ended = task_key(tasks["cleared"]), task_key(tasks["ended"])
    assert executor.killed == sorted([cleared, ended, (999, 1)])
    assert executor.started == []


def test_a_deposed_scheduler_ends_no_attempts(engine: Engine) -> None:
    with writing(engine) as conn:
        define(conn, "d", TaskSpec("load"))
        add_run(conn, "d", 0, load=TaskState.RUNNING)

    with pytest.raises(lease.Deposed):
        rescue.requeue_lost(engine, world_of(engine), Remembering(), set(), term=7)


def test_a_deposed_scheduler_starts_no_callbacks(engine: Engine) -> None:
    with writing(engine) as conn:
        define(conn, "d", TaskSpec("load"))
        pk = add_run(conn, "d", 0, RunState.FAILED)
        callbacks.queue(conn, pk, None, 0, "failure", "", NOW)
    executor = Remembering()

    with pytest.raises(lease.Deposed):
        Callbacks(engine, executor, term=7).start(NOW)

    assert executor.started == []


def test_only_so_many_callbacks_run_at_once(engine: Engine) -> None:
    with writing(engine) as conn:
        term = lease.take(conn, "me", NOW) or 0
        define(conn, "d", TaskSpec("load"))
        pk = add_run(conn, "d", 0, RunState.FAILED)
        for _ in range(AT_ONCE_MAX + 3):
            callbacks.queue(conn, pk, None, 0, "failure", "", NOW)
    executor = Remembering()
    due = Callbacks(engine, executor, term)

    due.start(NOW)
    due.start(NOW)
    assert len(executor.started) == AT_ONCE_MAX

    with writing(engine) as conn:
        callbacks.ran(conn, [1, 2])
    due.ended([1, 2])
    due.start(NOW)
    assert len(executor.started) == AT_ONCE_MAX + 2


def test_the_callback_of_a_run_knows_when_the_run_ended(engine: Engine) -> None:
    with writing(engine) as conn:
        term = lease.take(conn, "me", NOW) or 0
        define(conn, "d", TaskSpec("load"))
        pk = add_run(conn, "d", 0, RunState.FAILED)
        callbacks.queue(conn, pk, None, 0, "failure", "", NOW)
    executor = Remembering()

    Callbacks(engine, executor, term).start(NOW)

    (order,) = executor.started
    assert order.run.end_date == NOW
