"""Where is a try kept? Several homes may share a metastore; each has a runner of its own.

The place of a home is its host and folder. It is written into `task_try.host` when a try is queued,
so that after a change of leaders nobody starts, or gives up, a try that another home's runner may
have.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, select, text

from flowctl.store.schema import UNFINISHED_TASKS, task_instance, task_try

_LATEST = and_(
    task_try.c.ti_id == task_instance.c.id, task_try.c.try_number == task_instance.c.try_number
)


def elsewhere(conn: Connection, ti_ids: Sequence[int], place: str) -> set[tuple[int, int]]:
    """Return the latest tries of these task instances that are kept at another place."""
    if not ti_ids or not place:
        return set()
    rows = conn.execute(
        select(task_try.c.ti_id, task_try.c.try_number)
        .join(task_instance, _LATEST)
        .where(task_instance.c.id.in_(ti_ids), task_try.c.host != place)
    )
    return set(rows.all())


def open_runs(conn: Connection, place: str) -> set[int]:
    """Return the runs with tries at this place that have not ended."""
    rows = conn.execute(
        select(task_instance.c.dag_run_id)
        .join(task_try, _LATEST)
        .where(
            text(UNFINISHED_TASKS.replace("state", "task_instance.state")),
            task_try.c.host == place,
            task_try.c.end_date.is_(None),
        )
    )
    return set(rows.scalars())
