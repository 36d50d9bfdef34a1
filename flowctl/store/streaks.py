"""Which DAGs failed so often in a row that they are paused? `max_consecutive_failed_dag_runs`.

Source: Airflow 2.10: the newest runs by logical date count, and one that has not ended breaks the
row.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from flowctl.core.states import RunState
from flowctl.store import dag_actions, events
from flowctl.store.schema import dag_run

ACTOR = "scheduler"


def pause_failing(conn: Connection, limits: Mapping[str, int], now: datetime) -> set[str]:
    """Pause those of these DAGs whose newest runs, as many as the limit says, have all failed.

    Args:
        limits: by DAG; only those of which a run has just failed, so there are few.

    Returns:
        The DAGs that were paused by this.
    """
    failing = [dag_id for dag_id, limit in limits.items() if _has_failed(conn, dag_id, limit)]
    paused = dag_actions.pause(conn, failing) if failing else set()
    for dag_id in sorted(paused):
        detail = {"max_consecutive_failed_dag_runs": limits[dag_id]}
        events.record(conn, "dag.pause", ACTOR, at=now, dag_id=dag_id, detail=detail)
    return paused


def _has_failed(conn: Connection, dag_id: str, runs: int) -> bool:
    newest = (
        select(dag_run.c.state)
        .where(dag_run.c.dag_id == dag_id)
        .order_by(dag_run.c.logical_date.desc(), dag_run.c.id.desc())
        .limit(runs)
    )
    states = list(conn.scalars(newest))
    return len(states) == runs and set(states) == {RunState.FAILED.value}
