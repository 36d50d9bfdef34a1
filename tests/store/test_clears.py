"""Clearing: what ran is to run again, and the runs follow."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.states import TaskState
from flowctl.store import dags
from flowctl.store.clears import ROWS_MAX, Clear, ClearError, clear, concerned
from flowctl.store.schema import dag_run, task_instance
from flowctl.store.triggers import Trigger, trigger

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def define(conn: Connection, *tasks: TaskSpec) -> None:
    """Let the file define these tasks from now on."""
    spec = DagSpec(dag_id="d", file="d.py", tasks=tasks)
    source = repr(tasks).encode()
    dags.record(conn, ParsedFile("d.py", str(len(source)), (spec,), source), NOW)


@pytest.fixture
def run(conn: Connection) -> int:
    """Give a failed run: a succeeded with its second try, b failed, c did not run."""
    chain = (TaskSpec("a", retries=1), TaskSpec("b", ("a",), retries=3), TaskSpec("c", ("b",)))
    define(conn, *chain)
    pk = trigger(conn, Trigger("d", run_id="r"), "me", NOW)
    put(conn, "a", state="success", try_number=2)
    put(conn, "b", state="failed", try_number=4)
    put(conn, "c", state="upstream_failed", try_number=0)
    conn.execute(update(dag_run).values(state="failed", end_date=NOW))
    return pk


def put(conn: Connection, task_id: str, **values: Any) -> None:
    """Change one task instance behind everybody's back."""
    values = {"end_date": NOW} | values
    conn.execute(update(task_instance).where(task_instance.c.task_id == task_id).values(values))


def tasks(conn: Connection) -> dict[str, tuple[str, int]]:
    """Return state and last try that may be repeated, by task."""
    columns = (task_instance.c.task_id, task_instance.c.state, task_instance.c.max_tries)
    return {name: (state, number) for name, state, number in conn.execute(select(*columns))}


def test_what_ended_starts_anew_with_all_its_tries(conn: Connection, run: int) -> None:
    cleared = clear(conn, Clear(("d",), task_pattern="^b$", downstream=True), "me", NOW)

    assert [one.task_id for one in cleared] == ["b", "c"]
    assert tasks(conn) == {"a": ("success", 1), "b": ("none", 7), "c": ("none", 0)}
    row = conn.execute(select(dag_run).where(dag_run.c.id == run)).one()
    assert (row.state, row.end_date, row.clear_number) == ("queued", None, 1)


def test_every_change_carries_the_new_revision_of_the_run(conn: Connection, run: int) -> None:
    before = conn.execute(select(dag_run.c.revision)).scalar_one()
    clear(conn, Clear(("d",), task_pattern="b"), "me", NOW)

    after = conn.execute(select(dag_run.c.revision).where(dag_run.c.id == run)).scalar_one()
    found = conn.execute(
        select(task_instance.c.revision).where(task_instance.c.task_id == "b")
    ).scalar_one()
    assert (after, found) == (before + 1, after)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_what_is_under_way_is_restarted(conn: Connection, run: int, state: str) -> None:
    put(conn, "b", state=state, end_date=None)
    conn.execute(update(dag_run).where(dag_run.c.id == run).values(state="running", end_date=None))
    clear(conn, Clear(("d",), task_pattern="b"), "me", NOW)

    assert tasks(conn)["b"][0] == "restarting"
    assert conn.execute(select(dag_run.c.state)).scalar_one() == "running"


@pytest.mark.usefixtures("run")
def test_the_run_goes_on_with_the_dag_as_it_is_now(conn: Connection) -> None:
    define(conn, TaskSpec("b"), TaskSpec("new", ("b",)))
    clear(conn, Clear(("d",), task_pattern="b"), "me", NOW)

    assert {name: state for name, (state, _) in tasks(conn).items()} == {
        "a": "removed",
        "b": "none",
        "c": "removed",
        "new": "none",
    }


@pytest.mark.usefixtures("run")
def test_what_is_shown_is_what_is_cleared(conn: Connection) -> None:
    wanted = Clear(("d",), task_pattern="c", upstream=True, only_failed=True)

    shown = concerned(conn, wanted)
    assert [(one.task_id, one.state) for one in shown] == [
        ("b", TaskState.FAILED),
        ("c", TaskState.UPSTREAM_FAILED),
    ]
    assert clear(conn, wanted, "me", NOW) == shown


@pytest.mark.usefixtures("run")
def test_dates_and_patterns_choose(conn: Connection) -> None:
    assert concerned(conn, Clear(("d",), since=datetime(2024, 3, 2, tzinfo=UTC))) == []
    assert concerned(conn, Clear(("d",), only_running=True)) == []
    with pytest.raises(ClearError, match="not a regular expression"):
        concerned(conn, Clear(("d",), task_pattern="("))
    with pytest.raises(ClearError, match="there is no DAG 'e'"):
        concerned(conn, Clear(("e",)))


def test_more_tasks_than_one_statement_names_are_cleared(conn: Connection) -> None:
    define(conn, *(TaskSpec(f"t{number}") for number in range(ROWS_MAX + 1)))
    trigger(conn, Trigger("d", run_id="r"), "me", NOW)

    assert len(clear(conn, Clear(("d",)), "me", NOW)) == ROWS_MAX + 1
