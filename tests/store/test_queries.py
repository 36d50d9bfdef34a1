"""What people are shown: lists, details, histories; and the audit trail."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, update

from flowctl.authoring.ports import StateQuery
from flowctl.core.states import RunState, TaskState
from flowctl.store import events, schema, states
from flowctl.store.queries import dags, files, processes, runs, tasks
from flowctl.store.queries.dags import DagFilter
from flowctl.store.queries.runs import RunFilter
from tests.store.rows import NOW, add_dag, add_run, add_version


@pytest.fixture
def four_dags(conn: Connection) -> Connection:
    """Make DAGs that differ in everything a filter looks at."""
    add_dag(conn, "sales_day", tags=["etl", "sales"], owners="ann, bob")
    add_dag(conn, "sales_week", tags=["sales"], owners="joann", is_paused=True)
    add_dag(conn, "old", owners="ann", is_active=False)
    add_dag(conn, "a%b", owners="bob", file="x.py")
    return conn


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (None, ["a%b", "sales_day", "sales_week"]),
        (DagFilter(active=None), ["a%b", "old", "sales_day", "sales_week"]),
        (DagFilter(active=False), ["old"]),
        (DagFilter(paused=True), ["sales_week"]),
        (DagFilter(paused=False), ["a%b", "sales_day"]),
        (DagFilter(tags=("etl", "none")), ["sales_day"]),
        (DagFilter(owner="ann"), ["sales_day"]),
        (DagFilter(owner="bob"), ["a%b", "sales_day"]),
        (DagFilter(pattern="SALES_"), ["sales_day", "sales_week"]),
        (DagFilter(pattern="%"), ["a%b"]),
        (DagFilter(file="x.py"), ["a%b"]),
        (DagFilter(tags=("sales",), paused=False, owner="bob"), ["sales_day"]),
    ],
)
def test_dags_are_filtered(
    four_dags: Connection, wanted: DagFilter | None, expected: list[str]
) -> None:
    assert [row.dag_id for row in dags.found(four_dags, wanted)] == expected
    assert dags.count(four_dags, wanted) == len(expected)


def test_a_list_of_dags_has_pages_and_tags(four_dags: Connection) -> None:
    page = [row.dag_id for row in dags.found(four_dags, limit=1, offset=1)]

    assert page == ["sales_day"]
    assert dags.tags(four_dags, [*page, "old"]) == {"sales_day": ["etl", "sales"], "old": []}
    assert files.tag_counts(four_dags) == {"etl": 1, "sales": 2}


def test_every_version_keeps_its_spec_and_source(conn: Connection) -> None:
    add_dag(conn, "d")
    add_version(conn, "d", 2)

    assert [row.number for row in dags.versions(conn, "d")] == [2, 1]
    present, newer = dags.spec(conn, "d"), dags.spec(conn, "d", 2)
    assert present is not None
    assert newer is not None
    assert (present.description, newer.description) == ("1", "2")
    assert dags.source(conn, "d") == b"# d 1"
    assert dags.source(conn, "d", 2) == b"# d 2"
    assert dags.spec(conn, "d", 3) is None
    assert dags.source(conn, "other") is None
    row = dags.one(conn, "d")
    assert row is not None
    assert row.number == 1
    assert dags.one(conn, "other") is None


def test_runs_are_filtered_latest_first(conn: Connection) -> None:
    version = add_dag(conn, "d")
    add_run(conn, "d", "m", version=version, day=2, state=RunState.FAILED)
    add_run(conn, "d", "s", version=version, day=1, run_type="scheduled", state=RunState.SUCCESS)
    add_run(conn, "e", "m", day=3)

    def ids(wanted: RunFilter) -> list[str]:
        return [f"{row.dag_id}.{row.run_id}" for row in runs.found(conn, wanted)]

    assert ids(RunFilter()) == ["e.m", "d.m", "d.s"]
    assert ids(RunFilter("d")) == ["d.m", "d.s"]
    assert ids(RunFilter(states=("failed", "running"))) == ["e.m", "d.m"]
    assert ids(RunFilter(run_types=("scheduled",))) == ["d.s"]
    assert ids(RunFilter(since=NOW + timedelta(days=2), until=NOW + timedelta(days=2))) == ["d.m"]
    assert runs.count(conn, RunFilter("d")) == 2
    assert len(runs.found(conn, RunFilter(), limit=1)) == 1


def test_a_run_is_found_by_id_by_date_and_as_the_latest(conn: Connection) -> None:
    version = add_dag(conn, "d")
    first = add_run(conn, "d", "a", version=version, day=1)
    last = add_run(conn, "d", "b", version=version, day=2)

    one, at = runs.one(conn, "d", "a"), runs.at(conn, "d", NOW + timedelta(days=1))
    latest = runs.latest(conn, "d")
    assert one is not None
    assert at is not None
    assert latest is not None
    assert (one.id, at.id, latest.id) == (first, first, last)
    assert runs.one(conn, "d", "c") is None
    assert runs.at(conn, "d", NOW) is None
    assert runs.latest(conn, "e") is None
    assert {dag_id: row.id for dag_id, row in dags.latest_runs(conn, ["d", "e"]).items()} == {
        "d": last
    }


def test_task_instances_come_with_tries_xcoms_and_counts(conn: Connection) -> None:
    run = add_run(conn, "d", "r", [TaskState.SUCCESS, TaskState.SUCCESS, TaskState.RUNNING])
    other = add_run(conn, "e", "r")
    one = tasks.one(conn, "d", "r", "t1")
    assert one is not None
    for number, state in ((1, "failed"), (2, "success")):
        conn.execute(
            insert(schema.task_try).values(
                ti_id=one.id, try_number=number, state=state, queued_at=NOW
            )
        )
    for key in ("return_value", "a"):
        conn.execute(insert(schema.xcom).values(ti_id=one.id, key=key, value="1", created_at=NOW))

    assert [row.task_id for row in tasks.of_run(conn, run)] == ["t0", "t1", "t2"]
    assert [row.state for row in tasks.tries(conn, one.id)] == ["failed", "success"]
    assert [row.key for row in tasks.xcoms(conn, one.id)] == ["a", "return_value"]
    assert tasks.state_counts(conn, [run, other]) == {run: {"success": 2, "running": 1}, other: {}}
    assert tasks.one(conn, "d", "r", "t1", map_index=0) is None


def test_instances_of_one_mapped_task_stand_together_by_index(conn: Connection) -> None:
    """They are made long after the tasks of the run, and after a longer list some again later."""
    run = add_run(conn, "d", "r", [TaskState.SUCCESS, TaskState.NONE, TaskState.NONE])
    instance = schema.task_instance
    conn.execute(update(instance).where(instance.c.task_id == "t1").values(map_index=0))
    for index in (2, 10, 1):
        row = {"dag_run_id": run, "task_id": "t1", "state": "none", "map_index": index}
        conn.execute(insert(instance).values(row))
    names = [("t0", -1), ("t1", 0), ("t1", 1), ("t1", 2), ("t1", 10), ("t2", -1)]

    assert [(row.task_id, row.map_index) for row in tasks.of_run(conn, run)] == names
    asked = StateQuery("d", run_ids=["r"], every_task=True)
    assert [(row.task_id, row.map_index) for row in states.found(conn, asked)] == names
    asked = StateQuery("d", run_ids=["r"], task_ids=["t2"])
    assert [row.task_id for row in states.found(conn, asked)] == ["t2"]


def test_files_are_listed_slowest_first_and_errors_apart(conn: Connection) -> None:
    add_dag(conn, "d", file="a.py")
    add_dag(conn, "gone", file="a.py", is_active=False)
    for path, seconds, error in (("a.py", 0.1, None), ("b.py", 0.5, "SyntaxError")):
        values = {"fingerprint": "1", "parsed_at": NOW, "duration_s": seconds, "error": error}
        conn.execute(insert(schema.dag_file).values(path=path, **values))

    assert [row.path for row in files.parsed(conn)] == ["b.py", "a.py"]
    assert [(row.path, row.error) for row in files.import_errors(conn)] == [("b.py", "SyntaxError")]
    assert files.dag_ids(conn, "a.py") == ["d"]


def test_processes_are_listed_by_their_last_sign_of_life(conn: Connection) -> None:
    for pid, seen, ended in ((1, 0, None), (2, 5, None), (3, 9, NOW)):
        values = {"host": "h", "pid": pid, "started_at": NOW, "ended_at": ended}
        seen_at = NOW + timedelta(seconds=seen)
        conn.execute(insert(schema.process).values(kind="scheduler", seen_at=seen_at, **values))

    assert [row.pid for row in processes.listed(conn, "scheduler")] == [2, 1]
    assert [row.pid for row in processes.listed(conn, ended=True, limit=2)] == [3, 2]
    assert processes.listed(conn, "runner") == []


def test_the_audit_trail_tells_who_did_what(conn: Connection) -> None:
    events.record(conn, "variable.set", "cli:ann", at=NOW, detail={"key": "k"})
    events.record(conn, "trigger", "bob", at=NOW, dag_id="d", run_id="r")

    newest = events.latest(conn)
    assert [(row.name, row.actor, row.detail) for row in newest] == [
        ("trigger", "bob", None),
        ("variable.set", "cli:ann", {"key": "k"}),
    ]
    assert newest[0].at == NOW
    assert [row.run_id for row in events.latest(conn, dag_id="d")] == ["r"]
