"""What a question about runs reads of a site."""

import pytest
from sqlalchemy import Connection

from flowctl.core.states import RunState
from flowctl.core.world import World
from flowctl.store import snapshot
from tests.store.rows import add_dag, add_run


@pytest.mark.parametrize(
    ("are_runs_asked", "dag_ids"),
    [(False, {"asked", "running", "idle"}), (True, {"asked", "running"})],
)
def test_a_question_about_a_run_reads_the_dags_of_runs_alone(
    conn: Connection, are_runs_asked: bool, dag_ids: set[str]
) -> None:
    """Its own, and those whose tasks may hold the slots that it waits for."""
    versions = {name: add_dag(conn, name) for name in ("asked", "running", "idle")}
    ended = add_run(conn, "asked", "r", version=versions["asked"], state=RunState.SUCCESS)
    under_way = add_run(conn, "running", "r", version=versions["running"], state=RunState.RUNNING)
    add_run(conn, "idle", "r", version=versions["idle"], state=RunState.SUCCESS)
    world = World(parallelism=8)

    snapshot.fill(world, conn, [ended], are_runs_asked=are_runs_asked)

    assert set(world.dags) == dag_ids
    assert set(world.runs) == {ended, under_way}
