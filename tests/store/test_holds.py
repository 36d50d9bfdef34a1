"""Holding runs and task instances, and letting them go on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Row, select

from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.store import dags, events, holds, snapshot
from flowctl.store.schema import dag_run
from flowctl.store.triggers import Trigger, trigger

NOW = datetime(2024, 3, 1, tzinfo=UTC)
ANN, BOB = holds.Who("ann", NOW), holds.Who("bob", NOW)


@pytest.fixture
def run(conn: Connection) -> Row[Any]:
    """Give a run of two tasks."""
    spec = DagSpec("d", "d.py", (TaskSpec("a"), TaskSpec("b")))
    dags.record(conn, ParsedFile("d.py", "1", (spec,), b"1"), NOW)
    pk = trigger(conn, Trigger("d", run_id="r"), "me", NOW)
    return conn.execute(select(dag_run).where(dag_run.c.id == pk)).one()


def seen(conn: Connection, pk: int) -> tuple[str, dict[str, str]]:
    """Return who holds the run and its tasks, as the scheduler reads it."""
    (run,) = snapshot.read_runs(conn, snapshot.Versions(), [pk])
    return run.held_by, {task.spec.task_id: task.held_by for task in run.instances}


def test_the_scheduler_sees_who_holds_what_and_that_it_moved(
    conn: Connection, run: Row[Any]
) -> None:
    assert holds.hold_tasks(conn, run, ["a"], ANN) == 1
    assert holds.hold_tasks(conn, run, ["a"], BOB) == 0
    assert seen(conn, run.id) == ("", {"a": "ann", "b": ""})
    assert conn.scalar(select(dag_run.c.revision)) == run.revision + 1

    assert holds.hold_tasks(conn, run, ["a", "b"], BOB, held=False) == 1
    assert seen(conn, run.id) == ("", {"a": "", "b": ""})
    assert [event.name for event in events.latest(conn)][:2] == ["task.release", "task.hold"]


def test_a_run_is_held_once(conn: Connection, run: Row[Any]) -> None:
    assert holds.hold_run(conn, run, ANN)
    held = conn.execute(select(dag_run)).one()

    assert not holds.hold_run(conn, held, BOB)
    assert seen(conn, run.id)[0] == "ann"
    assert holds.hold_run(conn, held, BOB, held=False)
    assert seen(conn, run.id)[0] == ""
