"""A DAG that fails too often in a row is paused, in the transaction in which its run fails."""

import pytest
from sqlalchemy import Connection, select

from flowctl.core.plan import Plan, RunMove
from flowctl.core.states import RunState
from flowctl.core.world import World
from flowctl.store import plans, schema
from flowctl.store.events import latest
from tests.core import worlds
from tests.store.rows import NOW, add_dag, add_run, lead

FAILED, SUCCESS, RUNNING = RunState.FAILED, RunState.SUCCESS, RunState.RUNNING


def fail_the_last(conn: Connection, *states: RunState, limit: int) -> set[str]:
    """Add runs day by day, the last of them running; fail it; return the DAGs that are paused."""
    version = add_dag(conn, "d")
    pks = [
        add_run(conn, "d", f"r{day}", version=version, day=day, state=state)
        for day, state in enumerate([*states, RUNNING])
    ]
    one = worlds.dag(worlds.task("t0"), dag_id="d", max_consecutive_failed_dag_runs=limit)
    world: World = worlds.world(one)
    run = worlds.run_of(one)
    run.pk, run.revision = pks[-1], 1
    world.put_run(run)
    applied = plans.apply(
        conn,
        Plan(run_moves=[RunMove(run.pk, RUNNING, FAILED, "t0 failed")]),
        world,
        lead(conn),
        NOW,
    )
    paused = set(conn.scalars(select(schema.dag.c.dag_id).where(schema.dag.c.is_paused)))
    assert applied.paused == paused
    return paused


def test_it_is_paused_after_as_many_failures_as_it_says(conn: Connection) -> None:
    """And the audit trail says why."""
    assert fail_the_last(conn, SUCCESS, FAILED, FAILED, limit=3) == {"d"}
    entry = latest(conn, dag_id="d")[0]
    assert (entry.name, entry.actor) == ("dag.pause", "scheduler")
    assert entry.detail == {"max_consecutive_failed_dag_runs": 3}


@pytest.mark.parametrize(
    ("before", "limit"),
    [
        ((FAILED,), 3),  # there are not so many runs yet
        ((FAILED, SUCCESS), 2),  # a success lies between
        ((FAILED, RUNNING), 2),  # one that may still succeed
        ((FAILED, FAILED, FAILED), 0),  # no limit
    ],
)
def test_it_goes_on_otherwise(conn: Connection, before: tuple[RunState, ...], limit: int) -> None:
    """Fewer in a row are no reason."""
    assert fail_the_last(conn, *before, limit=limit) == set()
