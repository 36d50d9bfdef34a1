"""The scheduler's memory follows what others write."""

import pytest
from sqlalchemy import Engine, delete, update

from flowctl.core import past
from flowctl.core.attempt import Ended, Outcome
from flowctl.core.run import Run
from flowctl.core.spec import TaskSpec
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World
from flowctl.runner.messages import Facts, RunFact, TaskFact
from flowctl.scheduler.memory import Memory
from flowctl.store.engine import reading, writing
from flowctl.store.schema import dag_run
from tests.scheduler.sites import NOW, add_run, define, move_run, move_task

LOAD = TaskSpec("load", depends_on_past=True)


def refreshed(memory: Memory, engine: Engine) -> World:
    with reading(engine) as conn:
        memory.refresh(conn)
    return memory.world


def test_a_run_that_somebody_ended_still_holds_back_the_next_one(engine: Engine) -> None:
    memory = Memory(World(parallelism=8))
    with writing(engine) as conn:
        define(conn, "d", LOAD)
        first = add_run(conn, "d", 0, load=TaskState.RUNNING)
        second = add_run(conn, "d", 1)
    world = refreshed(memory, engine)

    with writing(engine) as conn:
        move_task(conn, first, "load", TaskState.FAILED)
        move_run(conn, first, RunState.FAILED)
    refreshed(memory, engine)

    reason = past.blocker(world.runs[second].task("load"), world)
    assert reason is not None
    assert "is failed" in reason
    assert [key[1] for key in memory.kills] == [1]


def test_the_next_run_looks_further_back_when_the_run_before_is_deleted(engine: Engine) -> None:
    memory = Memory(World(parallelism=8))
    with writing(engine) as conn:
        define(conn, "d", LOAD)
        first = add_run(conn, "d", 0, RunState.SUCCESS, load=TaskState.SUCCESS)
        second = add_run(conn, "d", 1, RunState.FAILED, load=TaskState.FAILED)
        third = add_run(conn, "d", 2)
    world = refreshed(memory, engine)
    world.runs[third].dirty.clear()

    with writing(engine) as conn:
        conn.execute(delete(dag_run).where(dag_run.c.id == second))
    refreshed(memory, engine)

    assert world.runs[third].previous_pk == first
    assert world.runs[third].dirty == {"load"}


def test_an_ended_run_is_forgotten_with_the_last_run_that_needs_it(engine: Engine) -> None:
    memory = Memory(World(parallelism=8))
    with writing(engine) as conn:
        define(conn, "d", LOAD)
        first = add_run(conn, "d", 0, RunState.SUCCESS, load=TaskState.SUCCESS)
        second = add_run(conn, "d", 1)
    assert refreshed(memory, engine).runs.keys() == {first, second}

    with writing(engine) as conn:
        move_task(conn, second, "load", TaskState.FAILED)
        move_run(conn, second, RunState.FAILED)

    assert not refreshed(memory, engine).runs


def test_what_a_branch_decides_is_believed_without_reading_its_run_anew(engine: Engine) -> None:
    """A run in which thousands of instances decide would be read thousands of times."""
    memory = Memory(World(parallelism=8))
    branch = TaskSpec("choose", can_skip_others=True)
    with writing(engine) as conn:
        define(conn, "d", branch, TaskSpec("left", upstream=("choose",)), TaskSpec("far"))
        pk = add_run(conn, "d", 0, choose=TaskState.RUNNING)
    run = refreshed(memory, engine).runs[pk]
    choose = run.task("choose")

    told = TaskFact(choose.id, choose.try_number, TaskState.SUCCESS, branch='{"followed": []}')
    memory.hear(Facts([RunFact(pk, run.revision + 1, [told], skipped=[run.task("far").id])]))

    assert not memory.stale
    assert choose.leaves_out("left")
    assert run.task("far").state is TaskState.SKIPPED


def _handed(memory: Memory, engine: Engine, state: TaskState) -> tuple[Run, Ended]:
    """Have the end of a task's only attempt handed over."""
    with writing(engine) as conn:
        define(conn, "d", LOAD)
        pk = add_run(conn, "d", 0, load=state)
    run = refreshed(memory, engine).runs[pk]
    load = run.task("load")
    outcome = Outcome(load.id, load.try_number, TaskState.SUCCESS, NOW, NOW)
    return run, Ended(pk, outcome, "a.log")


@pytest.mark.parametrize("state", [TaskState.QUEUED, TaskState.RUNNING])
def test_an_outcome_that_is_handed_over_is_known_before_it_is_written(
    engine: Engine, state: TaskState
) -> None:
    memory = Memory(World(parallelism=8))
    run, entry = _handed(memory, engine, state)
    memory.hear(Facts([], handed=[entry]))
    assert run.task("load").state is state

    assert memory.take_handed() == ([entry], [])
    assert run.task("load").state is TaskState.SUCCESS
    assert memory.take_handed() == ([], [])


@pytest.mark.parametrize("why", ["cleared", "of another try", "run is stale", "run is gone"])
def test_an_outcome_that_cannot_be_planned_on_is_left_to_the_runner(
    engine: Engine, why: str
) -> None:
    memory = Memory(World(parallelism=8))
    cleared = TaskState.RESTARTING if why == "cleared" else TaskState.RUNNING
    run, entry = _handed(memory, engine, cleared)
    if why == "of another try":
        entry.outcome.try_number += 1
    elif why == "run is stale":
        memory.stale.add(run.pk)
    elif why == "run is gone":
        memory.world.drop_run(run.pk)
    memory.hear(Facts([], handed=[entry]))

    assert memory.take_handed() == ([], [entry.key])
    assert run.task("load").state is cleared


def test_what_was_handed_over_is_forgotten_with_the_runner(engine: Engine) -> None:
    """He has it again; it may have been written unheard."""
    memory = Memory(World(parallelism=8))
    _, entry = _handed(memory, engine, TaskState.RUNNING)
    memory.hear(Facts([], handed=[entry]))
    with reading(engine) as conn:
        memory.renew(conn)

    assert memory.take_handed() == ([], [])


def test_a_skip_of_a_task_that_has_moved_has_its_run_read_anew(engine: Engine) -> None:
    memory = Memory(World(parallelism=8))
    with writing(engine) as conn:
        define(conn, "d", LOAD)
        pk = add_run(conn, "d", 0, load=TaskState.SUCCESS)
    run = refreshed(memory, engine).runs[pk]

    memory.hear(Facts([RunFact(pk, run.revision + 1, [], skipped=[run.task("load").id])]))

    assert memory.stale == {pk}


def test_versions_that_nobody_uses_are_forgotten(engine: Engine) -> None:
    memory = Memory(World(parallelism=8))
    for number in range(5):
        with writing(engine) as conn:
            define(conn, "d", TaskSpec("load"), source=f"v = {number}")
        refreshed(memory, engine)

    assert len(memory._versions._graphs) == 1


def test_after_an_outage_it_is_read_anew_which_run_of_a_dag_came_last(engine: Engine) -> None:
    """A run that was made unheard would else seem to be due still, and be overtaken by itself."""
    memory = Memory(World(parallelism=8))
    with writing(engine) as conn:
        define(conn, "d", LOAD)
    assert refreshed(memory, engine).dags["d"].last_interval is None

    with writing(engine) as conn:
        made = add_run(conn, "d", 0)
        conn.execute(update(dag_run).where(dag_run.c.id == made).values(run_type="scheduled"))
    with reading(engine) as conn:
        memory.renew(conn)

    assert memory.world.dags["d"].last_interval is not None
