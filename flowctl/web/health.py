"""Is everything alive? The answer of `/health`, in Airflow's shape."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl.store.engine import reading
from flowctl.store.queries import processes

HEALTHY, UNHEALTHY = "healthy", "unhealthy"


def report(engine: Engine, now: datetime, threshold: timedelta) -> dict[str, Any]:
    """Return the health of each part.

    A part that is not run at all has None as its status, as under Airflow.

    Args:
        threshold: how old the scheduler's last tick may be.
    """
    try:
        with reading(engine) as conn:
            found = processes.listed(conn, "scheduler", limit=1)
    except SQLAlchemyError:
        return _answer(UNHEALTHY, None, UNHEALTHY)
    tick_at = found[0].tick_at if found else None
    is_fresh = tick_at is not None and now - tick_at < threshold
    return _answer(HEALTHY, tick_at, HEALTHY if is_fresh else UNHEALTHY)


def _answer(metastore: str, tick_at: datetime | None, scheduler: str) -> dict[str, Any]:
    return {
        "dag_processor": {"latest_dag_processor_heartbeat": None, "status": None},
        "metadatabase": {"status": metastore},
        "scheduler": {
            "latest_scheduler_heartbeat": tick_at.isoformat() if tick_at else None,
            "status": scheduler,
        },
        "triggerer": {"latest_triggerer_heartbeat": None, "status": None},
    }
