"""Why a run that is watched does not move."""

import pytest
from sqlalchemy import Engine, select, update

from flowctl import clock
from flowctl.cli.standing import STILL_S, Standing
from flowctl.store import lease
from flowctl.store.engine import writing
from flowctl.store.schema import dag_run
from tests.cli.conftest import Call


@pytest.fixture
def run_pk(call: Call, home: Engine) -> int:
    """Give a run that is queued."""
    call("dags", "trigger", "etl", "-r", "one", "-e", "2024-03-01")
    with writing(home) as conn:
        return int(conn.execute(select(dag_run.c.id)).scalar_one())


def after(standing: Standing, passed_s: float) -> list[str]:
    """Return what is said when nothing moved for so long."""
    return standing.lines(has_moved=False, passed_s=passed_s)


def test_it_is_said_once_and_only_after_a_while(home: Engine, run_pk: int) -> None:
    standing = Standing(home, run_pk)

    assert after(standing, STILL_S / 2) == []
    said = after(standing, STILL_S / 2)
    assert said == ["waiting: No scheduler has run yet; start one with: flowctl standalone"]
    assert after(standing, STILL_S) == []
    assert standing.lines(has_moved=True, passed_s=STILL_S) == []
    assert after(standing, STILL_S) == said


def test_only_the_head_of_a_run_is_explained(call: Call, home: Engine, run_pk: int) -> None:
    with writing(home) as conn:
        lease.take(conn, "somebody", clock.utcnow())
    standing = Standing(home, run_pk)
    assert after(standing, STILL_S) == ["waiting: the run is queued; the scheduler starts it next"]

    with writing(home) as conn:
        conn.execute(update(dag_run).values(state="running"))
    call("pools", "set", "default_pool", "0", "closed")
    (line,) = after(standing, STILL_S)
    assert line.startswith("waiting: extract: the task needs 1 slots")
    (line,) = after(Standing(home, run_pk, "load"), STILL_S)
    assert "its rule all_success needs its upstream task to succeed" in line
