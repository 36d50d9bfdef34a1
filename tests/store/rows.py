"""Rows for tests that read: a DAG with a version, a run with task instances."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from flowctl.core.spec import DagSpec, TaskSpec, encode
from flowctl.core.states import FINISHED, RunState, TaskState
from flowctl.store import lease, schema
from flowctl.store.upsert import insert_missing

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def lead(conn: Connection, term: int = 1) -> int:
    """Let somebody lead, if nobody does; return the term."""
    values = {"name": lease.NAME, "holder": "tests", "term": term, "expires_at": NOW}
    insert_missing(conn, schema.lease, [values])
    return term


def add_dag(conn: Connection, dag_id: str, *, tags: Sequence[str] = (), **columns: Any) -> int:
    """Add a DAG of one task with one version; return the version's id."""
    version = add_version(conn, dag_id, 1)
    values = {"file": f"{dag_id}.py", "parsed_at": NOW} | columns
    conn.execute(insert(schema.dag).values(dag_id=dag_id, version_id=version, **values))
    for tag in tags:
        conn.execute(insert(schema.dag_tag).values(dag_id=dag_id, name=tag))
    return version


def add_version(conn: Connection, dag_id: str, number: int, source: bytes = b"") -> int:
    """Add a version of a DAG, whose description is its number; return its id."""
    content = source or f"# {dag_id} {number}".encode()
    spec = DagSpec(dag_id, f"{dag_id}.py", (TaskSpec("t"),), description=str(number))
    source_hash = f"{content!r}"[:64]
    insert_missing(conn, schema.dag_source, [{"hash": source_hash, "content": content}])
    version: int = conn.execute(
        insert(schema.dag_version)
        .values(
            dag_id=dag_id,
            number=number,
            digest=f"{dag_id}{number}",
            spec=encode(spec).decode(),
            file=f"{dag_id}.py",
            source_hash=source_hash,
            created_at=NOW,
        )
        .returning(schema.dag_version.c.id)
    ).scalar_one()
    return version


def add_run(
    conn: Connection,
    dag_id: str,
    run_id: str,
    states: Sequence[TaskState] = (),
    *,
    version: int | None = None,
    day: int = 0,
    run_type: str = "manual",
    state: RunState = RunState.RUNNING,
    **columns: Any,
) -> int:
    """Add a run `day` days after NOW with one task instance per state; return its id."""
    ended = state in (RunState.SUCCESS, RunState.FAILED)
    run: int = conn.execute(
        insert(schema.dag_run)
        .values(
            dag_id=dag_id,
            run_id=run_id,
            run_type=run_type,
            state=state.value,
            version_id=version or add_version(conn, dag_id, 1),
            logical_date=NOW + timedelta(days=day),
            end_date=NOW if ended else None,
            queued_at=NOW,
            updated_at=NOW,
        )
        .returning(schema.dag_run.c.id)
    ).scalar_one()
    for number, one in enumerate(states):
        values = {"end_date": NOW if one in FINISHED else None} | columns
        conn.execute(
            insert(schema.task_instance).values(
                dag_run_id=run, task_id=f"t{number}", state=one.value, **values
            )
        )
    return run
