"""What a person may do to a DAG as a whole: pause it, let it go on, delete it with its history."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, func, or_, select, update

from flowctl.core.states import OCCUPYING, RunState
from flowctl.errors import FlowctlError
from flowctl.store.schema import (
    dag,
    dag_file,
    dag_run,
    dag_source,
    dag_version,
    task_instance,
)


class DagActionError(FlowctlError):
    """A DAG cannot be changed as asked."""


def pause(
    conn: Connection, dag_ids: Sequence[str], *, paused: bool = True, drains: bool = False
) -> set[str]:
    """Pause DAGs, or let them go on; return those that really changed.

    Its revision rises, so that the scheduler reads it again.

    Args:
        drains: the runs that go on come to their end first; else none of their tasks starts.
    """
    is_other = or_(dag.c.is_paused.is_(not paused), dag.c.drains.is_(not drains))
    changed = conn.execute(
        update(dag)
        .where(dag.c.dag_id.in_(dag_ids), is_other)
        .values(is_paused=paused, drains=drains, revision=dag.c.revision + 1)
        .returning(dag.c.dag_id)
    )
    return set(changed.scalars())


def running(conn: Connection, dag_ids: Collection[str]) -> int:
    """Return how many runs of these DAGs go on; those of backfills are not counted."""
    return conn.execute(
        select(func.count())
        .select_from(dag_run)
        .where(
            dag_run.c.dag_id.in_(dag_ids),
            dag_run.c.state == RunState.RUNNING.value,
            dag_run.c.backfill_id.is_(None),
        )
    ).scalar_one()


def remove(conn: Connection, dag_id: str) -> int:
    """Delete a DAG with its runs, tries, XComs and versions; return how many runs there were.

    The audit rows stay. A file that still defines the DAG is parsed again and brings it back, as
    new.

    Raises:
        DagActionError: there is no such DAG, or tasks of it are running.
    """
    known = conn.execute(select(dag.c.file).where(dag.c.dag_id == dag_id)).scalar_one_or_none()
    if known is None:
        raise DagActionError(f"there is no DAG {dag_id!r}")
    live = _live_tasks(conn, dag_id)
    if live:
        raise DagActionError(
            f"{live} tasks of DAG {dag_id!r} are queued or running; pause the DAG and wait for"
            " them, or mark them, before it is deleted"
        )
    runs = conn.execute(delete(dag_run).where(dag_run.c.dag_id == dag_id)).rowcount
    conn.execute(delete(dag).where(dag.c.dag_id == dag_id))
    conn.execute(delete(dag_version).where(dag_version.c.dag_id == dag_id))
    conn.execute(
        delete(dag_source).where(dag_source.c.hash.not_in(select(dag_version.c.source_hash)))
    )
    conn.execute(update(dag_file).where(dag_file.c.path == known).values(fingerprint=""))
    return runs


def _live_tasks(conn: Connection, dag_id: str) -> int:
    return conn.execute(
        select(func.count())
        .select_from(task_instance)
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
        .where(dag_run.c.dag_id == dag_id, task_instance.c.state.in_(OCCUPYING))
    ).scalar_one()
