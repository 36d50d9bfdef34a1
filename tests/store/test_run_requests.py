"""A task starts runs of other DAGs: once, whatever is killed or asked again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Connection, func, insert, select

from flowctl.authoring.ports import RunAnswer, RunRequest
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.states import RunState, TaskState
from flowctl.store import dags, events, run_requests
from flowctl.store.schema import dag, dag_run, task_instance, task_try
from tests.store import rows

NOW = rows.NOW
LATER = NOW + timedelta(minutes=5)
TI = 1


@pytest.fixture(autouse=True)
def _dags(conn: Connection) -> None:
    for dag_id in ("mine", "other"):
        spec = DagSpec(dag_id=dag_id, file=f"{dag_id}.py", tasks=(TaskSpec("t0"),))
        dags.record(conn, ParsedFile(spec.file, "1", (spec,), dag_id.encode()), NOW)
    add_run(conn, "mine", "r", TaskState.RUNNING)
    a_try(conn, 1)


def add_run(
    conn: Connection,
    dag_id: str,
    run_id: str,
    state: TaskState,
    run_state: RunState = RunState.RUNNING,
    day: int = 0,
) -> None:
    version = conn.scalar(select(dag.c.version_id).where(dag.c.dag_id == dag_id))
    rows.add_run(conn, dag_id, run_id, [state], version=version, state=run_state, day=day)


def a_try(conn: Connection, number: int) -> None:
    """Let the asking task have another try, which is running."""
    values = {"ti_id": TI, "try_number": number, "state": "running", "queued_at": NOW}
    conn.execute(insert(task_try).values(**values))


def ends(conn: Connection, number: int, **how: Any) -> None:
    changed = task_try.update().where(task_try.c.try_number == number)
    conn.execute(changed.values(state="up_for_retry", end_date=LATER, **how))


def ask(conn: Connection, number: int = 1, at: datetime = NOW, **wanted: Any) -> RunAnswer:
    request = RunRequest("other", ti_id=TI, try_number=number, number=1)
    return run_requests.start(conn, structs.replace(request, **wanted), at)


def count(conn: Connection) -> int:
    there = select(func.count()).where(dag_run.c.dag_id == "other")
    return conn.execute(there).scalar_one()


def test_a_run_is_started_and_says_by_whom(conn: Connection) -> None:
    answer = ask(conn, run_id="x", conf={"a": 1}, note="why")

    assert answer.how == "started"
    assert answer.run is not None
    assert (answer.run.run_id, answer.run.state, answer.run.conf) == ("x", "queued", {"a": 1})
    assert events.latest(conn, dag_id="other")[0].actor == "task mine.t0"
    assert conn.scalar(select(dag_run.c.note).where(dag_run.c.run_id == "x")) == "why"


def test_a_question_whose_answer_was_lost_starts_nothing_new(conn: Connection) -> None:
    first = ask(conn)

    assert ask(conn, at=LATER) == first
    assert count(conn) == 1


@pytest.mark.parametrize(
    "how", [{"signal": 9}, {"exit_code": 94}, {}], ids=["killed", "broken", "unseen"]
)
def test_the_try_after_one_that_died_finds_its_run(conn: Connection, how: dict[str, int]) -> None:
    first = ask(conn)
    ends(conn, 1, **how)
    a_try(conn, 2)

    assert ask(conn, 2, LATER) == first
    assert count(conn) == 1


def test_the_run_is_found_also_after_several_deaths(conn: Connection) -> None:
    first = ask(conn)
    for number in (1, 2):
        ends(conn, number, signal=9)
        a_try(conn, number + 1)

    assert ask(conn, 3, LATER) == first


def test_the_try_after_one_that_failed_by_itself_starts_a_new_run(conn: Connection) -> None:
    """So it is in Airflow; also when the run was found again by a try in between."""
    ask(conn)
    ends(conn, 1, signal=9)
    a_try(conn, 2)
    ask(conn, 2, LATER)
    ends(conn, 2, exit_code=0)
    a_try(conn, 3)

    assert ask(conn, 3, LATER).how == "started"
    assert count(conn) == 2


def test_each_request_of_a_try_starts_a_run_of_its_own(conn: Connection) -> None:
    ask(conn)

    run_requests.start(conn, RunRequest("other", ti_id=TI, try_number=1, number=2), LATER)

    assert count(conn) == 2


@pytest.mark.parametrize(
    "same", [{"run_id": "there"}, {"logical_date": NOW - timedelta(days=1)}], ids=["id", "date"]
)
def test_a_run_that_is_there_is_said_to_be_there(conn: Connection, same: dict[str, Any]) -> None:
    rows_of_other(conn)

    answer = ask(conn, **same)

    assert (answer.how, answer.run and answer.run.run_id) == ("there", "there")
    assert count(conn) == 1


def rows_of_other(conn: Connection) -> None:
    add_run(conn, "other", "there", TaskState.SUCCESS, run_state=RunState.SUCCESS, day=-1)


def test_a_run_that_is_there_runs_again_if_that_is_wanted(conn: Connection) -> None:
    rows_of_other(conn)

    answer = ask(conn, run_id="there", clears=True)

    assert (answer.how, answer.run and answer.run.state) == ("cleared", "queued")
    assert ask(conn, at=LATER, run_id="there", clears=True).how == "started"
    states = select(task_instance.c.state).join(dag_run).where(dag_run.c.dag_id == "other")
    assert conn.scalars(states).all() == ["none"]


def test_a_dag_that_is_not_there_is_said_to_be_absent(conn: Connection) -> None:
    assert ask(conn, dag_id="nobody").how == "absent"


@pytest.mark.parametrize(("unless_paused", "how"), [(True, "paused"), (False, "started")])
def test_a_paused_dag_may_be_left_alone(conn: Connection, unless_paused: bool, how: str) -> None:
    conn.execute(dag.update().values(is_paused=True))

    assert ask(conn, unless_paused=unless_paused).how == how
