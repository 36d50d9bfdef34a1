"""The scheduler's writes, when somebody changed a run between look and write."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from flowctl.core.plan import Plan, RunMove
from flowctl.core.states import RunState
from flowctl.store import plans, revision, schema
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
