"""What the runner reports becomes true once, and only for the current attempt."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from flowctl.core.assets import AssetSpec, AssetUpdate
from flowctl.core.attempt import Ended, Outcome
from flowctl.core.states import TaskState
from flowctl.store import outcomes, revision, schema
from tests.store.rows import NOW, add_dag, add_run

SUCCESS, RUNNING, RESTARTING = TaskState.SUCCESS, TaskState.RUNNING, TaskState.RESTARTING


def ids_of(conn: Connection, run: int) -> list[int]:
    columns = schema.task_instance.c
    return list(conn.scalars(select(columns.id).where(columns.dag_run_id == run).order_by("id")))


def state_of(conn: Connection, ti_id: int) -> str | None:
    columns = schema.task_instance.c
    return conn.scalar(select(columns.state).where(columns.id == ti_id))


def count(conn: Connection, table: Any) -> int:
    return conn.scalar(select(func.count()).select_from(table)) or 0


def a_run(conn: Connection, *states: TaskState) -> tuple[int, list[int]]:
    """Return a run whose first task instance is in its first try."""
    run = add_run(conn, "d", "r", states, version=add_dag(conn, "d"), try_number=1)
    ids = ids_of(conn, run)
    conn.execute(
        insert(schema.task_try).values(
            ti_id=ids[0], try_number=1, state="running", queued_at=NOW, start_date=NOW
        )
    )
    return run, ids


def report(conn: Connection, run: int, ti_id: int, **facts: Any) -> outcomes.Recorded:
    values: dict[str, Any] = {"state": SUCCESS, "started_at": NOW, "ended_at": NOW} | facts
    outcome = Outcome(ti_id=ti_id, try_number=1, **values)
    ended = Ended(run, outcome, "a.log")
    return outcomes.record(conn, [], [ended], NOW)


def test_an_outcome_is_written_with_its_xcoms_and_its_skips(conn: Connection) -> None:
    run, (first, second) = a_run(conn, RUNNING, TaskState.NONE)

    recorded = report(conn, run, first, xcoms={"return_value": "1"}, skip=("t1",))

    assert recorded.skipped == {run: [second]}
    assert not recorded.surprises
    assert (state_of(conn, first), state_of(conn, second)) == ("success", "skipped")
    assert count(conn, schema.xcom) == 1


def test_updates_of_assets_are_written_with_the_success_that_made_them_and_once(
    conn: Connection,
) -> None:
    """Whoever reports it again, or too late, adds no event."""
    run, (first,) = a_run(conn, RUNNING)
    said = (AssetUpdate(AssetSpec("s3://a", "a"), {"rows": 1}),)

    report(conn, run, first, assets=said)
    report(conn, run, first, assets=said)

    event = conn.execute(select(schema.asset_event)).one()
    assert (event.source_dag_id, event.source_task_id, event.extra) == ("d", "t0", {"rows": 1})


def test_what_a_task_returns_replaces_what_it_pushed_under_the_same_key(conn: Connection) -> None:
    run, (first,) = a_run(conn, RUNNING)
    pushed = {"ti_id": first, "key": "k", "value": "1", "created_at": NOW}
    conn.execute(insert(schema.xcom).values(pushed))

    report(conn, run, first, xcoms={"k": "2", "other": "3"})

    columns = schema.xcom.c
    found = conn.execute(select(columns.key, columns.value).order_by(columns.key)).all()
    assert [tuple(row) for row in found] == [("k", "2"), ("other", "3")]


def test_what_a_cleared_attempt_leaves_is_dropped(conn: Connection) -> None:
    run, (first, second) = a_run(conn, RESTARTING, TaskState.NONE)

    again = report(conn, run, first, xcoms={"return_value": "1"}, skip=("t1",), callback="failure")

    assert again.surprises == {run}
    assert (state_of(conn, first), state_of(conn, second)) == ("none", "none")
    assert count(conn, schema.xcom) == count(conn, schema.callback) == 0


def test_an_outcome_that_is_recorded_twice_has_its_callback_once(conn: Connection) -> None:
    run, (first,) = a_run(conn, RUNNING)

    for _ in range(2):
        report(conn, run, first, state=TaskState.FAILED, callback="failure")

    assert count(conn, schema.callback) == 1


def test_the_outcome_of_a_deleted_run_does_not_stop_the_others(conn: Connection) -> None:
    run, (first,) = a_run(conn, RUNNING)
    conn.execute(delete(schema.dag_run).where(schema.dag_run.c.id == run))

    report(conn, run, first, xcoms={"k": "1"}, skip=("t1",), callback="failure")

    assert count(conn, schema.xcom) == count(conn, schema.callback) == 0


def test_an_adopted_attempt_keeps_the_moment_at_which_it_started(conn: Connection) -> None:
    run, (first,) = a_run(conn, RUNNING)
    later = datetime.fromisoformat("2030-01-01T00:00:00+00:00")

    outcomes.record(conn, [outcomes.Started(run, first, 1, 77, later, "a.log")], [], later)

    assert conn.scalar(select(schema.task_try.c.start_date)) == NOW


@pytest.mark.parametrize("number", [40_000, 70_000])
def test_more_runs_than_a_statement_has_parameters(conn: Connection, number: int) -> None:
    run, _ids = a_run(conn, RUNNING)

    assert revision.raise_for(conn, range(run, run + number), NOW) == {run: 2}
    assert conn.execute(update(schema.dag_run).values(note="")).rowcount == 1
