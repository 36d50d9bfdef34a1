"""A person ends a run; what it prepared is still removed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select, update

from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.states import RunState, TaskState
from flowctl.store import clears, dags, run_actions
from flowctl.store.marks import RunGone, concerned, mark, mark_run
from flowctl.store.schema import dag_run, task_instance
from flowctl.store.triggers import Trigger, trigger

NOW = datetime(2024, 3, 1, tzinfo=UTC)
TASKS = (
    TaskSpec("make", is_setup=True),
    TaskSpec("work", ("make",)),
    TaskSpec("more", ("work",)),
    TaskSpec("drop", ("make", "more"), is_teardown=True, trigger_rule="all_done_setup_success"),
)


@pytest.fixture
def run(conn: Connection) -> int:
    """Give a run of which `make` is done and `work` runs."""
    spec = DagSpec("d", "d.py", TASKS)
    dags.record(conn, ParsedFile("d.py", "1", (spec,), b"1"), NOW)
    pk = trigger(conn, Trigger("d", run_id="r"), "me", NOW)
    conn.execute(update(dag_run).values(state="running"))
    put(conn, "make", state="success", end_date=NOW)
    put(conn, "work", state="running")
    return pk


def put(conn: Connection, task_id: str, **values: object) -> None:
    conn.execute(update(task_instance).where(task_instance.c.task_id == task_id).values(**values))


def states(conn: Connection) -> dict[str, str]:
    """Return the states of the tasks, and of the run."""
    rows = conn.execute(select(task_instance.c.task_id, task_instance.c.state))
    return dict(rows.all()) | {"run": conn.scalars(select(dag_run.c.state)).one()}


@pytest.mark.parametrize(
    ("state", "work", "more"),
    [(RunState.SUCCESS, "success", "success"), (RunState.FAILED, "failed", "skipped")],
)
def test_a_run_that_is_ended_by_hand_still_waits_for_its_teardown(
    conn: Connection, run: int, state: RunState, work: str, more: str
) -> None:
    mark_run(conn, run, state, "me", NOW)

    assert states(conn) == {
        "make": "success",
        "work": work,
        "more": more,
        "drop": "none",
        "run": "running",
    }


def test_without_a_teardown_to_come_it_ends_at_once(conn: Connection, run: int) -> None:
    """One that has failed stays as it is."""
    put(conn, "drop", state="failed", end_date=NOW)

    mark_run(conn, run, RunState.SUCCESS, "me", NOW)

    assert states(conn)["run"] == "success"
    assert states(conn)["drop"] == "failed"


@pytest.mark.parametrize("state", [RunState.SUCCESS, RunState.FAILED])
def test_a_held_run_that_is_ended_by_hand_is_held_no_more(
    conn: Connection, run: int, state: RunState
) -> None:
    put(conn, "drop", state="success", end_date=NOW)
    conn.execute(update(dag_run).values(held_by="ann"))

    mark_run(conn, run, state, "me", NOW)

    assert conn.scalar(select(dag_run.c.held_by)) is None


def test_a_run_that_was_deleted_meanwhile_is_gone(conn: Connection, run: int) -> None:
    run_actions.remove(conn, run)

    with pytest.raises(RunGone, match="deleted"):
        mark_run(conn, run, RunState.FAILED, "me", NOW)


@pytest.mark.usefixtures("run")
def test_a_task_that_ended_so_before_its_run_was_locked_is_not_marked(conn: Connection) -> None:
    seen = concerned(conn, "d", ["r"], ["work", "more"], TaskState.SUCCESS)
    put(conn, "work", state="success", end_date=NOW)

    marked = mark(conn, seen, TaskState.SUCCESS, "me", NOW)

    assert [one.task_id for one in marked] == ["more"]


@pytest.mark.usefixtures("run")
def test_more_runs_can_be_named_than_a_statement_takes(conn: Connection) -> None:
    names = [f"other{number}" for number in range(40_000)] + ["r"]

    marked = concerned(conn, "d", names, ["work"], TaskState.SUCCESS)
    cleared = clears.concerned(conn, clears.Clear(("d",), "work", run_ids=tuple(names)))

    assert [one.task_id for one in marked] == ["work"]
    assert "work" in [one.task_id for one in cleared]  # with its setup and its teardown
