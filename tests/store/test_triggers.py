"""Starting a run by hand: checked first, then written as one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.store import dags, events
from flowctl.store.schema import dag_run, task_instance
from flowctl.store.triggers import Trigger, TriggerError, parse_conf, trigger

NOW = datetime(2024, 3, 1, 6, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _a_dag(conn: Connection) -> None:
    typed = {"size": {"value": 1, "schema": {"type": "integer", "maximum": 9}}}
    spec = DagSpec(
        dag_id="d", file="d.py", tasks=(TaskSpec("a", retries=2), TaskSpec("b")), params=typed
    )
    dags.record(conn, ParsedFile("d.py", "1", (spec,), b"# d"), NOW)


def test_a_run_is_created_with_its_tasks_and_an_audit_row(conn: Connection) -> None:
    pk = trigger(conn, Trigger("d", conf={"x": 1}), "cli:ann", NOW)

    run = conn.execute(select(dag_run).where(dag_run.c.id == pk)).one()
    assert (run.state, run.run_type, run.conf) == ("queued", "manual", {"x": 1})
    assert run.run_id == "manual__2024-03-01T06:30:15+00:00"
    tasks = select(task_instance.c.task_id, task_instance.c.max_tries)
    assert set(conn.execute(tasks)) == {("a", 2), ("b", 0)}
    assert [(e.name, e.actor, e.run_id) for e in events.latest(conn)] == [
        ("trigger", "cli:ann", run.run_id)
    ]


def test_microseconds_are_kept_on_request(conn: Connection) -> None:
    pk = trigger(conn, Trigger("d", keep_microseconds=True), "cli:ann", NOW)

    found = conn.execute(select(dag_run.c.logical_date).where(dag_run.c.id == pk)).scalar_one()
    assert found == NOW


def test_a_run_is_not_created_twice(conn: Connection) -> None:
    trigger(conn, Trigger("d", run_id="one"), "cli:ann", NOW)

    with pytest.raises(TriggerError, match="has a run 'one' already"):
        trigger(conn, Trigger("d", run_id="one"), "cli:ann", NOW)
    with pytest.raises(TriggerError, match="has a run for 2024-03-01T06:30:15"):
        trigger(conn, Trigger("d", run_id="two", logical_date=NOW), "cli:ann", NOW)


def test_a_second_run_of_a_second_has_the_moment_for_its_date(conn: Connection) -> None:
    for _ in range(2):
        trigger(conn, Trigger("d"), "cli:ann", NOW)

    dates = conn.execute(select(dag_run.c.logical_date).order_by(dag_run.c.id)).scalars().all()
    assert dates == [NOW.replace(microsecond=0), NOW]
    ids = conn.execute(select(dag_run.c.run_id).order_by(dag_run.c.id)).scalars().all()
    assert ids[1] == "manual__2024-03-01T06:30:15.123456+00:00"


@pytest.mark.parametrize("run_id", ["", "a/b", "..", "x" * 251, "scheduled__2024", "white space"])
def test_a_run_id_must_be_allowed(conn: Connection, run_id: str) -> None:
    with pytest.raises(TriggerError, match="run id"):
        trigger(conn, Trigger("d", run_id=run_id), "me", NOW, id_pattern="^[A-Za-z0-9_.~:+-]+$")


def test_the_conf_must_fit_the_params(conn: Connection) -> None:
    with pytest.raises(TriggerError, match="DAG 'd': param 'size': 10 is "):
        trigger(conn, Trigger("d", conf={"size": 10}), "me", NOW)
    assert conn.execute(select(dag_run)).all() == []


@pytest.mark.parametrize(
    ("conf", "sentence"),
    [
        ({}, "DAG 'e': param 'day': it has no value and no default"),
        ({"day": "monday"}, "DAG 'e': param 'day': 'monday' is not a 'date'"),
        ({"day": "2024-01-02", "since": "x"}, "param 'since': 'x' is not of type 'integer'"),
        ({"day": "2024-01-02"}, None),
    ],
)
def test_a_conf_is_checked_like_the_params_in_the_file(
    conn: Connection, conf: dict[str, Any], sentence: str | None
) -> None:
    """Formats too; a default that JSON cannot say is the DAG file's own business."""
    params = {
        "day": {"schema": {"type": "string", "format": "date"}},
        "since": {"value": "1 day", "schema": {"type": "integer"}, "is_json": False},
    }
    spec = DagSpec(dag_id="e", file="e.py", tasks=(TaskSpec("a"),), params=params)
    dags.record(conn, ParsedFile("e.py", "x", (spec,)), NOW)

    if sentence is None:
        assert trigger(conn, Trigger("e", conf=conf), "me", NOW)
    else:
        with pytest.raises(TriggerError, match=sentence):
            trigger(conn, Trigger("e", conf=conf), "me", NOW)


def test_a_dag_may_refuse_to_be_started_by_hand(conn: Connection) -> None:
    """`allowed_run_types` of Airflow 3."""
    spec = DagSpec(
        dag_id="e", file="e.py", tasks=(TaskSpec("a"),), allowed_run_types=("backfill", "scheduled")
    )
    dags.record(conn, ParsedFile("e.py", "x", (spec,)), NOW)

    with pytest.raises(TriggerError, match=r"not be started by hand: .* are backfill, scheduled"):
        trigger(conn, Trigger("e"), "me", NOW)


def test_only_active_dags_are_triggered(conn: Connection) -> None:
    dags.record(conn, ParsedFile("d.py", ""), NOW)

    with pytest.raises(TriggerError, match=r"d\.py does not define the DAG 'd' any more"):
        trigger(conn, Trigger("d"), "me", NOW)
    with pytest.raises(TriggerError, match="there is no DAG 'e'"):
        trigger(conn, Trigger("e"), "me", NOW)


@pytest.mark.parametrize("text", ["[1]", "{", "1", '"x"'])
def test_a_conf_is_a_json_object(text: str) -> None:
    with pytest.raises(TriggerError, match="conf"):
        parse_conf(text)
