"""The scheduler's writes, when somebody changed a run between look and write."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from flowctl.core.attempt import Ended, Outcome
from flowctl.core.plan import Move, Plan, RunMove
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World
from flowctl.store import plans, revision, schema
from flowctl.store.outcomes import Superseded
from tests.core import worlds
from tests.store.rows import NOW, add_dag, add_run, lead


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_run_ends_only_as_it_was_looked_at(conn: Connection, is_changed: bool) -> None:
    """A task of it may have been cleared meanwhile, which leaves the run RUNNING."""
    version = add_dag(conn, "d")
    pk = add_run(conn, "d", "r", version=version, state=RunState.RUNNING)
    one = worlds.dag(worlds.task("t0"), dag_id="d")
    world = worlds.world(one)
    run = worlds.run_of(one)
    run.pk, run.revision = pk, 1
    world.put_run(run)
    if is_changed:
        revision.raise_for(conn, [pk], NOW)

    plan = Plan(run_moves=[RunMove(pk, RunState.RUNNING, RunState.SUCCESS)])
    applied = plans.apply(conn, plan, world, lead(conn), NOW)

    state = conn.scalar(select(schema.dag_run.c.state))
    assert (state == "running", pk in applied.surprises) == (is_changed, is_changed)


def _world(pk: int, states: list[TaskState]) -> World:
    """Return what a scheduler knows of a run of tasks without an order."""
    one = worlds.dag(*(worlds.task(f"t{at}") for at in range(len(states))), dag_id="d")
    world = worlds.world(one)
    run = worlds.run_of(one)
    run.pk, run.revision = pk, 1
    world.put_run(run)
    return world


def _two_tasks(conn: Connection, first: TaskState) -> tuple[int, list[int]]:
    """Return a run whose first task instance is in its second try, with the ids of both."""
    states = [first, TaskState.NONE]
    version = add_dag(conn, "d")
    pk = add_run(conn, "d", "r", states, version=version, state=RunState.RUNNING, try_number=2)
    ids = list(conn.scalars(select(schema.task_instance.c.id).order_by("id")))
    values = {"ti_id": ids[0], "try_number": 2, "state": first.value, "queued_at": NOW}
    conn.execute(insert(schema.task_try).values(values))
    return pk, ids


def _ended(pk: int, ti_id: int, number: int = 2) -> Ended:
    xcoms = {"return_value": "[1, 2]", "other": '"x"'}
    outcome = Outcome(ti_id, number, TaskState.SUCCESS, NOW, NOW, xcoms=xcoms, length=2)
    return Ended(pk, outcome, "a.log", "here")


def _written(conn: Connection) -> list[Any]:
    tables = (schema.dag_run, schema.task_instance, schema.task_try, schema.xcom)
    return [conn.execute(select(table).order_by(table.c[0])).all() for table in tables]


@pytest.mark.parametrize("state", [TaskState.QUEUED, TaskState.RUNNING])
def test_an_outcome_and_what_follows_from_it_are_written_in_one_step(
    conn: Connection, state: TaskState
) -> None:
    pk, (first, second) = _two_tasks(conn, state)
    plan = Plan(moves=[Move(second, pk, TaskState.NONE, TaskState.QUEUED, try_number=3)])
    world = _world(pk, [state, TaskState.NONE])

    applied = plans.apply(conn, plan, world, lead(conn), NOW, ended=[_ended(pk, first)])

    rows = schema.task_instance.c
    found = conn.execute(select(rows.state, rows.host, rows.revision).order_by(rows.id)).all()
    assert found == [("success", "here", 2), ("queued", None, 2)]
    assert (applied.revisions, applied.moved, applied.surprises) == ({pk: 2}, {second}, set())
    xcom, tried = schema.xcom.c, schema.task_try.c
    assert conn.execute(select(xcom.key, xcom.length).order_by(xcom.key)).all() == [
        ("other", None),
        ("return_value", 2),
    ]
    query = select(tried.state, tried.log_path, tried.host).where(tried.ti_id == first)
    assert conn.execute(query).all() == [("success", "a.log", "here")]


@pytest.mark.parametrize(
    ("state", "number"),
    [
        (TaskState.RUNNING, 1),
        (TaskState.RESTARTING, 2),
        (TaskState.SUCCESS, 2),
        (TaskState.NONE, 2),
    ],
    ids=["of an older try", "cleared while it ran", "recorded before", "cleared afterwards"],
)
def test_nothing_follows_from_an_outcome_that_does_not_count(
    conn: Connection, state: TaskState, number: int
) -> None:
    """Not even the outcomes that came with it are written."""
    pk, (first, second) = _two_tasks(conn, state)
    move = Move(second, pk, TaskState.NONE, TaskState.QUEUED, try_number=3)
    term, before = lead(conn), _written(conn)
    world = _world(pk, [state, TaskState.NONE])

    ended = [_ended(pk, first, number)]
    with pytest.raises(Superseded), conn.begin_nested():
        plans.apply(conn, Plan(moves=[move]), world, term, NOW, ended=ended)

    assert _written(conn) == before


def test_the_end_of_a_run_ends_its_hold(conn: Connection) -> None:
    """There is nothing left to start, and nobody would release it."""
    pk = add_run(conn, "d", "r", version=add_dag(conn, "d"), state=RunState.RUNNING)
    held = {"held_by": "ann", "held_why": "why not", "held_until": NOW + timedelta(hours=1)}
    conn.execute(update(schema.dag_run).values(held))
    one = worlds.dag(worlds.task("t0"), dag_id="d")
    world = worlds.world(one)
    run = worlds.run_of(one)
    run.pk, run.revision = pk, 1
    world.put_run(run)

    plan = Plan(run_moves=[RunMove(pk, RunState.RUNNING, RunState.SUCCESS)])
    plans.apply(conn, plan, world, lead(conn), NOW)

    row = conn.execute(select(schema.dag_run)).one()
    assert (row.held_by, row.held_why, row.held_until) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "event"),
    [
        (RunState.QUEUED, RunState.RUNNING, "running"),
        (RunState.RUNNING, RunState.SUCCESS, "success"),
        (RunState.RUNNING, RunState.FAILED, "failure"),
    ],
)
def test_what_becomes_of_a_run_is_told_to_its_callbacks(
    conn: Connection, old: RunState, new: RunState, event: str
) -> None:
    version = add_dag(conn, "d")
    pk = add_run(conn, "d", "r", version=version, state=old)
    one = worlds.dag(worlds.task("t0"), dag_id="d", callbacks=(event,))
    world = worlds.world(one)
    run = worlds.run_of(one, old)
    run.pk, run.revision = pk, 1
    world.put_run(run)
    plans.apply(conn, Plan(run_moves=[RunMove(pk, old, new)]), world, lead(conn), NOW)

    assert list(conn.scalars(select(schema.callback.c.event))) == [event]


def test_a_run_that_makes_way_is_queued_and_not_over(conn: Connection) -> None:
    """What is held of it stays held, and nobody is told."""
    version = add_dag(conn, "d")
    pk = add_run(conn, "d", "r", version=version, state=RunState.RUNNING)
    conn.execute(update(schema.dag_run).values(held_by="ann"))
    one = worlds.dag(worlds.task("t0"), dag_id="d", callbacks=("running", "success", "failure"))
    world = worlds.world(one)
    run = worlds.run_of(one)
    run.pk, run.revision = pk, 1
    world.put_run(run)

    plan = Plan(run_moves=[RunMove(pk, RunState.RUNNING, RunState.QUEUED, "it waits")])
    plans.apply(conn, plan, world, lead(conn), NOW)

    row = conn.execute(select(schema.dag_run)).one()
    assert (row.state, row.reason, row.end_date, row.held_by) == ("queued", "it waits", None, "ann")
    assert not conn.scalars(select(schema.callback.c.event)).all()
