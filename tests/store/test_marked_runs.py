"""A person ends a run; what it prepared is still removed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select, update

from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.states import RunState
from flowctl.store import dags
from flowctl.store.marks import mark_run
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
    return dict(rows.all()) | {"run": conn.scalars(select(dag_run.c.state)).one()}  # type: ignore[arg-type]  # rows are pairs


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
