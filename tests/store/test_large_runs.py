"""A run of very many task instances is made, read and known in steps, whoever dies between."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, delete, func, select, update

from flowctl.core.graph import Graph, compile_graph
from flowctl.core.run import Run
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.states import RunState, RunType, TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from flowctl.scheduler.memory import READ_AT_ONCE, Memory
from flowctl.store import dags, revision, run_reader, runs
from flowctl.store.engine import reading, writing
from flowctl.store.runs import MADE_AT_ONCE
from flowctl.store.schema import dag, dag_run, task_instance
from flowctl.store.versions import Versions
from tests.scheduler.sites import NOW, define

TASKS = 3 * MADE_AT_ONCE + 5
GRAPH = compile_graph(DagSpec("large", "large.py", tuple(TaskSpec(f"t{n}") for n in range(TASKS))))


@pytest.fixture
def large(engine: Engine) -> Engine:
    """Give a metastore with a DAG of many tasks."""
    with writing(engine) as conn:
        define(conn, "large", *GRAPH.spec.tasks, max_active_runs=1)
    return engine


def create(conn: Connection, day: int = 0, *, in_steps: bool = True) -> int:
    """Make a run of the DAG, as the scheduler does."""
    pk = runs.create(
        conn,
        graph=GRAPH,
        version_pk=conn.scalar(select(dag.c.version_id)) or 0,
        run_id=f"day{day}",
        run_type=RunType.SCHEDULED,
        logical_date=NOW + timedelta(days=day),
        interval=None,
        now=NOW,
        in_steps=in_steps,
    )
    assert pk is not None
    return pk


def read(engine: Engine, pk: int) -> Run:
    """Read the whole run, as a scheduler would that has just begun."""
    with reading(engine) as conn:
        return run_reader.read_runs(conn, Versions(), [pk])[0]


def make_more(engine: Engine, pk: int) -> bool:
    """Make more of a run, as a scheduler would that has just begun."""
    run = read(engine, pk)
    with writing(engine) as conn:
        return runs.go_on(conn, run, NOW)


def count(engine: Engine) -> int:
    with reading(engine) as conn:
        return conn.scalar(select(func.count()).select_from(task_instance)) or 0


def refreshed(memory: Memory, engine: Engine) -> World:
    with reading(engine) as conn:
        memory.refresh(conn)
    return memory.world


def read_on(memory: Memory, engine: Engine) -> None:
    """Let the memory read what it can in one tick."""
    with reading(engine) as conn:
        memory.reread(conn)


def test_it_is_made_in_steps_each_once(large: Engine) -> None:
    with writing(large) as conn:
        pk = create(conn)
    assert count(large) == MADE_AT_ONCE

    while read(large, pk).made is not None:
        assert make_more(large, pk)

    run = read(large, pk)
    assert run.is_whole
    assert run.tasks.keys() == GRAPH.tasks.keys()
    assert count(large) == TASKS


def test_a_run_of_just_one_step_has_no_more(large: Engine) -> None:
    graph: Graph = compile_graph(DagSpec("large", "large.py", GRAPH.spec.tasks[:MADE_AT_ONCE]))
    with writing(large) as conn:
        pk = create(conn)
        conn.execute(delete(task_instance))
        conn.execute(update(dag_run).values(made=MADE_AT_ONCE))
    run = read(large, pk)
    run.graph = graph

    with writing(large) as conn:
        assert runs.go_on(conn, run, NOW)

    assert run.made is None
    assert count(large) == 0


def test_nothing_of_it_starts_before_it_is_whole(large: Engine) -> None:
    with writing(large) as conn:
        pk = create(conn)
    memory = Memory(World(parallelism=8))
    world = refreshed(memory, large)

    assert not decide(world, NOW).run_moves
    assert memory.unmade == {pk}

    while read(large, pk).made is not None:
        make_more(large, pk)
    world = refreshed(memory, large)
    while memory.is_stale:
        assert not decide(world, NOW).run_moves
        read_on(memory, large)

    assert [move.new for move in decide(world, NOW).run_moves] == [RunState.RUNNING]
    assert not memory.unmade


def test_what_is_not_whole_counts_as_a_run_of_its_dag(large: Engine) -> None:
    """Else the scheduler would make a second one, beyond `max_active_runs`."""
    with writing(large) as conn:
        pk = create(conn, in_steps=False)
    memory = Memory(World(parallelism=8))

    world = refreshed(memory, large)

    assert memory.is_stale
    assert world.census.queued == {"large": {pk}}
    assert not world.runs[pk].is_whole


def test_a_run_that_somebody_ended_meanwhile_is_not_made_on(large: Engine) -> None:
    with writing(large) as conn:
        pk = create(conn)
    run = read(large, pk)
    with writing(large) as conn:
        conn.execute(update(dag_run).values(state=RunState.FAILED.value, end_date=NOW))
        assert not runs.go_on(conn, run, NOW)

    assert count(large) == MADE_AT_ONCE


def test_it_is_read_in_steps_of_bounded_size(large: Engine) -> None:
    with writing(large) as conn:
        pk = create(conn, in_steps=False)
    memory = Memory(World(parallelism=8))
    world = refreshed(memory, large)
    steps = 0

    while memory.is_stale:
        read_on(memory, large)
        steps += 1

    assert steps == TASKS // READ_AT_ONCE + 1
    assert world.runs[pk].is_whole
    assert len(world.by_id) == TASKS


def test_what_changes_between_two_steps_is_known_at_the_end(large: Engine) -> None:
    with writing(large) as conn:
        pk = create(conn, in_steps=False)
    memory = Memory(World(parallelism=8))
    world = refreshed(memory, large)
    read_on(memory, large)
    with writing(large) as conn:
        raised = revision.raise_for(conn, [pk], NOW)
        skipped = {"state": TaskState.SKIPPED.value, "end_date": NOW, "revision": raised[pk]}
        conn.execute(update(task_instance).where(task_instance.c.task_id == "t1").values(**skipped))

    while memory.is_stale:
        read_on(memory, large)

    assert world.runs[pk].task("t1").state is TaskState.SKIPPED
    assert world.runs[pk].revision == raised[pk]


def test_one_that_is_deleted_between_two_steps_is_forgotten(large: Engine) -> None:
    with writing(large) as conn:
        pk = create(conn, in_steps=False)
    memory = Memory(World(parallelism=8))
    world = refreshed(memory, large)
    read_on(memory, large)
    with writing(large) as conn:
        conn.execute(delete(dag_run).where(dag_run.c.id == pk))

    while memory.is_stale:
        read_on(memory, large)

    assert not world.runs
    assert not world.by_id


def test_a_small_run_does_not_wait_for_a_large_one_to_be_made(large: Engine) -> None:
    with writing(large) as conn:
        define(conn, "small", TaskSpec("only"))
        create(conn)
        version = conn.scalar(select(dag.c.version_id).where(dag.c.dag_id == "small")) or 0
        small = runs.create(
            conn,
            graph=compile_graph(dags.spec_of_version(conn, version)),
            version_pk=version,
            run_id="small",
            run_type=RunType.MANUAL,
            logical_date=NOW,
            interval=None,
            now=NOW,
        )

    world = refreshed(Memory(World(parallelism=8)), large)

    assert [move.run_pk for move in decide(world, NOW).run_moves] == [small]
