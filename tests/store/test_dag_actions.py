"""Pausing and deleting DAGs."""

import pytest
from sqlalchemy import Connection, func, insert, select

from flowctl.core.states import RunState, TaskState
from flowctl.store import dag_actions, schema
from flowctl.store.dag_actions import DagActionError
from flowctl.store.queries import dags
from tests.store.rows import NOW, add_dag, add_run


def test_only_a_real_change_of_pause_raises_the_revision(conn: Connection) -> None:
    add_dag(conn, "a")
    add_dag(conn, "b", is_paused=True)

    assert dag_actions.pause(conn, ["a", "b", "c"]) == {"a"}
    assert {row.dag_id: (row.is_paused, row.revision) for row in dags.found(conn)} == {
        "a": (True, 2),
        "b": (True, 1),
    }
    assert dag_actions.pause(conn, ["a", "b"], paused=False) == {"a", "b"}


ROLES = ("role", "role_permission")  # every metastore has those


def test_a_deleted_dag_leaves_nothing_but_its_file(conn: Connection) -> None:
    version = add_dag(conn, "d", tags=["x"])
    add_run(conn, "d", "r", [TaskState.SUCCESS], version=version, state=RunState.SUCCESS)
    add_dag(conn, "other", tags=["x"])
    ti = conn.execute(select(schema.task_instance.c.id)).scalar_one()
    conn.execute(insert(schema.xcom).values(ti_id=ti, key="k", value="1", created_at=NOW))
    conn.execute(
        insert(schema.task_try).values(ti_id=ti, try_number=1, state="success", queued_at=NOW)
    )
    conn.execute(insert(schema.dag_file).values(path="d.py", fingerprint="1:2:3", parsed_at=NOW))

    assert dag_actions.remove(conn, "d") == 1

    left = {
        table.name: conn.execute(select(func.count()).select_from(table)).scalar()
        for table in schema.METADATA.sorted_tables
        if table.name not in ROLES
    }
    expected = ["dag", "dag_version", "dag_source", "dag_tag", "dag_file", "pool", "instance"]
    assert {name: count for name, count in left.items() if count} == dict.fromkeys(expected, 1)
    assert dags.one(conn, "other") is not None
    fingerprint = conn.execute(select(schema.dag_file.c.fingerprint)).scalar()
    assert fingerprint == ""  # so that the next sweep parses it again


def test_a_dag_with_running_tasks_is_not_deleted(conn: Connection) -> None:
    version = add_dag(conn, "d")
    add_run(conn, "d", "r", [TaskState.RUNNING, TaskState.QUEUED], version=version)

    with pytest.raises(DagActionError, match="2 tasks of DAG 'd' are queued or running"):
        dag_actions.remove(conn, "d")


def test_an_unknown_dag_is_not_deleted(conn: Connection) -> None:
    with pytest.raises(DagActionError, match="there is no DAG 'd'"):
        dag_actions.remove(conn, "d")
