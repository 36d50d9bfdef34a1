"""What is wrong with DAGs although their files are fine: tasks in pools that do not exist."""

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from flowctl.store import pools
from flowctl.store.schema import dag, dag_version

NO_POOL = "non-existent pool"


class Warning(NamedTuple):
    """One DAG and what is wrong with it."""

    dag_id: str
    message: str
    at: datetime


class _Task(msgspec.Struct):
    pool: str = pools.DEFAULT


class _Tasks(msgspec.Struct):
    tasks: list[_Task] = []


_TASKS = msgspec.json.Decoder(_Tasks)


def of_pools(conn: Connection) -> list[Warning]:
    """Return the active DAGs that name a pool which does not exist, sorted by id."""
    there = {one.name for one in pools.listed(conn)}
    rows = conn.execute(
        select(dag.c.dag_id, dag.c.parsed_at, dag_version.c.spec)
        .join(dag_version, dag_version.c.id == dag.c.version_id)
        .where(dag.c.is_active)
        .order_by(dag.c.dag_id)
    )
    found = []
    for row in rows:
        missing = sorted({task.pool for task in _TASKS.decode(row.spec).tasks} - there)
        if missing:
            names = ", ".join(missing)
            message = f"tasks name pools that do not exist and will not start: {names}"
            found.append(Warning(row.dag_id, message, row.parsed_at))
    return found
