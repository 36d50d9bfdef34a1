"""Holding runs and task instances, and letting them go on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Row, select

from flowctl.core.parsed import ParsedFile
from flowctl.core.plan import Release
from flowctl.core.run import Hold
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.store import dags, events, holds, revision, run_reader
from flowctl.store.schema import dag_run
from flowctl.store.triggers import Trigger, trigger
from flowctl.store.versions import Versions

NOW = datetime(2024, 3, 1, tzinfo=UTC)
ANN, BOB = holds.Who("ann", NOW), holds.Who("bob", NOW)
HOUR = timedelta(hours=1)
TERMS = holds.Terms("why not", NOW + HOUR)


@pytest.fixture
def run(conn: Connection) -> Row[Any]:
    """Give a run of two tasks."""
    spec = DagSpec("d", "d.py", (TaskSpec("a"), TaskSpec("b")))
    dags.record(conn, ParsedFile("d.py", "1", (spec,), b"1"), NOW)
    pk = trigger(conn, Trigger("d", run_id="r"), "me", NOW)
    return conn.execute(select(dag_run).where(dag_run.c.id == pk)).one()


def seen(conn: Connection, pk: int) -> tuple[str, dict[str, str]]:
    """Return who holds the run and its tasks, as the scheduler reads it."""
    (run,) = run_reader.read_runs(conn, Versions(), [pk])
    tasks = {task.spec.task_id: task.hold.by if task.hold else "" for task in run.instances}
    return run.hold.by if run.hold else "", tasks


def test_the_scheduler_sees_who_holds_what_and_that_it_moved(
    conn: Connection, run: Row[Any]
) -> None:
    assert holds.hold_tasks(conn, run, ["a"], ANN) == 1
    assert holds.hold_tasks(conn, run, ["a"], BOB) == 0
    assert seen(conn, run.id) == ("", {"a": "ann", "b": ""})
    assert conn.scalar(select(dag_run.c.revision)) == run.revision + 1

    assert holds.release_tasks(conn, run, ["a", "b"], BOB) == 1
    assert seen(conn, run.id) == ("", {"a": "", "b": ""})
    assert [event.name for event in events.latest(conn)][:2] == ["task.release", "task.hold"]


def test_a_run_is_held_once(conn: Connection, run: Row[Any]) -> None:
    assert holds.hold_run(conn, run, ANN)
    held = conn.execute(select(dag_run)).one()

    assert not holds.hold_run(conn, held, BOB)
    assert seen(conn, run.id)[0] == "ann"
    assert holds.release_run(conn, held, BOB)
    assert seen(conn, run.id)[0] == ""


def test_a_hold_keeps_since_when_why_and_until_when(conn: Connection, run: Row[Any]) -> None:
    holds.hold_tasks(conn, run, ["a"], ANN, TERMS)
    holds.hold_run(conn, run, ANN, TERMS)

    (found,) = run_reader.read_runs(conn, Versions(), [run.id])
    assert found.hold == found.task("a").hold == Hold("ann", "why not", NOW + HOUR)
    assert conn.scalar(select(dag_run.c.held_at)) == NOW
    assert events.latest(conn)[0].detail["until"] == (NOW + HOUR).isoformat()


def test_a_hold_that_would_end_before_it_begins_is_refused(conn: Connection, run: Row[Any]) -> None:
    with pytest.raises(holds.HoldError, match="2024-03-01 00:00:00 UTC is past"):
        holds.hold_run(conn, run, ANN, holds.Terms(until=NOW))


def test_the_clock_releases_what_is_due_and_says_so(conn: Connection, run: Row[Any]) -> None:
    holds.hold_tasks(conn, run, ["a"], ANN, TERMS)
    holds.hold_run(conn, run, ANN, TERMS)
    (held,) = run_reader.read_runs(conn, Versions(), [run.id])
    due = NOW + HOUR

    releases = [Release(run.id, None, due), Release(run.id, held.task("a").id, due)]
    revision.raise_for(conn, [run.id], due)
    assert holds.release_due(conn, releases, due) == set()
    assert seen(conn, run.id) == ("", {"a": "", "b": ""})
    told = [(event.name, event.actor) for event in events.latest(conn)][:2]
    assert set(told) == {("task.release", "clock"), ("run.release", "clock")}


def test_the_clock_leaves_alone_what_somebody_held_again_for_longer(
    conn: Connection, run: Row[Any]
) -> None:
    holds.hold_tasks(conn, run, ["a"], ANN, holds.Terms(until=NOW + 2 * HOUR))
    (held,) = run_reader.read_runs(conn, Versions(), [run.id])

    release = Release(run.id, held.task("a").id, NOW + HOUR)
    assert holds.release_due(conn, [release], NOW + HOUR) == {run.id}
    assert seen(conn, run.id)[1]["a"] == "ann"
