"""The audit trail: who changed what, when. Rows are only added.

Whoever changes something on behalf of a person calls `record` in the same unit of work, so that
there is neither a change without its row nor a row without its change.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from flowctl.store.schema import event


def record(
    conn: Connection,
    name: str,
    actor: str,
    *,
    at: datetime,
    dag_id: str | None = None,
    run_id: str | None = None,
    task_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one row.

    Args:
        name: what was done: "trigger", "dag.pause", "variable.set" ...
        actor: who did it, as the edge knows them: a user's name, "cli:<login>".
        detail: more about it, JSON; never a secret.
    """
    conn.execute(
        insert(event).values(
            at=at,
            name=name,
            actor=actor,
            dag_id=dag_id,
            run_id=run_id,
            task_id=task_id,
            detail=None if detail is None else dict(detail),
        )
    )


def latest(conn: Connection, *, dag_id: str | None = None, limit: int = 100) -> Sequence[Row[Any]]:
    """Return the newest rows first, of one DAG or of all."""
    wanted = select(event).order_by(event.c.at.desc(), event.c.id.desc()).limit(limit)
    if dag_id is not None:
        wanted = wanted.where(event.c.dag_id == dag_id)
    return conn.execute(wanted).all()
