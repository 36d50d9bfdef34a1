"""Holding: a person lets a task instance, or all of a run, not start until it is released.

What has started goes on; its next start waits. Wake the scheduler after the commit.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, update

from flowctl.store import events, revision
from flowctl.store.batches import batches
from flowctl.store.schema import dag_run, task_instance


class Who(NamedTuple):
    """Who holds or releases, for the audit trail."""

    name: str
    at: datetime
    address: str = ""


def hold_run(conn: Connection, run: Row[Any], who: Who, *, held: bool = True) -> bool:
    """Hold a run, or release it; say whether that changed anything."""
    if bool(run.held_by) is held:
        return False
    revision.raise_for(conn, [run.id], who.at)
    conn.execute(
        update(dag_run).where(dag_run.c.id == run.id).values(held_by=who.name if held else None)
    )
    name = "run.hold" if held else "run.release"
    after = who.name if held else None
    detail = {"before": run.held_by, "after": after, "address": who.address}
    events.record(
        conn, name, who.name, at=who.at, dag_id=run.dag_id, run_id=run.run_id, detail=detail
    )
    return True


def hold_tasks(
    conn: Connection,
    run: Row[Any],
    task_ids: Iterable[str],
    who: Who,
    *,
    map_index: int | None = None,
    held: bool = True,
) -> int:
    """Hold task instances of a run, or release them; return how many this changed.

    Args:
        map_index: only instances of this index; None: all of a task.
    """
    column = task_instance.c
    wanted = select(column.id, column.task_id, column.map_index, column.held_by).where(
        column.dag_run_id == run.id,
        column.task_id.in_(list(task_ids)),
        column.held_by.is_(None) if held else column.held_by.is_not(None),
    )
    if map_index is not None:
        wanted = wanted.where(column.map_index == map_index)
    found = list(conn.execute(wanted.order_by(column.id)).all())
    if not found:
        return 0
    (raised,) = revision.raise_for(conn, [run.id], who.at).values()
    values = {"held_by": who.name if held else None, "revision": raised}
    for ids in batches(row.id for row in found):
        conn.execute(update(task_instance).where(column.id.in_(ids)).values(values))
    for row in found:
        events.record(
            conn,
            "task.hold" if held else "task.release",
            who.name,
            at=who.at,
            dag_id=run.dag_id,
            run_id=run.run_id,
            task_id=row.task_id,
            map_index=row.map_index,
            detail={
                "before": row.held_by,
                "after": values["held_by"],
                "address": who.address,
            },
        )
    return len(found)
