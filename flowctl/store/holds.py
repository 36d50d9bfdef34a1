"""Holding: a person lets a task instance, or all of a run, not start until it is released.

What has started goes on; its next start waits. Who holds something may say why, and until when:
then the scheduler releases it (`core.holds`). The end of a run ends its hold, as there is nothing
left to start; that of a task instance lasts, and meets whoever clears it. Wake the scheduler after
the commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, select, update

from flowctl.core.plan import Release
from flowctl.errors import FlowctlError
from flowctl.store import events, revision
from flowctl.store.batches import batches
from flowctl.store.schema import dag_run, task_instance

Values = Mapping[str, Any]
CLOCK = "clock"  # who released what was to be held until a moment
RELEASED: Values = {"held_by": None, "held_at": None, "held_why": None, "held_until": None}


class HoldError(FlowctlError):
    """Something cannot be held so."""


class Who(NamedTuple):
    """Who holds or releases, for the audit trail."""

    name: str
    at: datetime
    address: str = ""


class Terms(NamedTuple):
    """Why something is held, and until when; None: until somebody releases it."""

    why: str = ""
    until: datetime | None = None


OPEN = Terms()


def hold_run(conn: Connection, run: Row[Any], who: Who, terms: Terms = OPEN) -> bool:
    """Hold a run; say whether nobody did.

    Raises:
        HoldError: it would have to be released at once.
    """
    return _turn_run(conn, run, who, _values(who, terms))


def release_run(conn: Connection, run: Row[Any], who: Who) -> bool:
    """Release a run; say whether somebody held it."""
    return _turn_run(conn, run, who, RELEASED)


def _turn_run(conn: Connection, run: Row[Any], who: Who, values: Values) -> bool:
    if bool(run.held_by) is bool(values["held_by"]):
        return False
    revision.raise_for(conn, [run.id], who.at)
    conn.execute(update(dag_run).where(dag_run.c.id == run.id).values(**values))
    _record(conn, "run", run, who, values)
    return True


def hold_tasks(
    conn: Connection,
    run: Row[Any],
    task_ids: Iterable[str],
    who: Who,
    terms: Terms = OPEN,
    *,
    map_index: int | None = None,
) -> int:
    """Hold task instances of a run that nobody holds; return how many.

    Args:
        map_index: only instances of this index; None: all of a task.

    Raises:
        HoldError: they would have to be released at once.
    """
    return _turn_tasks(conn, run, task_ids, who, _values(who, terms), map_index)


def release_tasks(
    conn: Connection,
    run: Row[Any],
    task_ids: Iterable[str],
    who: Who,
    *,
    map_index: int | None = None,
) -> int:
    """Release those task instances of a run that are held; return how many."""
    return _turn_tasks(conn, run, task_ids, who, RELEASED, map_index)


def _turn_tasks(
    conn: Connection,
    run: Row[Any],
    task_ids: Iterable[str],
    who: Who,
    values: Values,
    map_index: int | None,
) -> int:
    column = task_instance.c
    wanted = _TASKS.where(
        column.dag_run_id == run.id,
        column.task_id.in_(list(task_ids)),
        column.held_by.is_(None) if values["held_by"] else column.held_by.is_not(None),
    )
    if map_index is not None:
        wanted = wanted.where(column.map_index == map_index)
    found = conn.execute(wanted.order_by(column.id)).all()
    if found:
        revision.raise_for(conn, [run.id], who.at)
        _set_tasks(conn, found, who, values)
    return len(found)


def release_due(conn: Connection, releases: Sequence[Release], now: datetime) -> set[int]:
    """Release what was to be held until now; return the runs in which somebody was faster.

    The revisions of the runs have been raised: nobody else changes a hold of theirs meanwhile.
    """
    who = Who(CLOCK, now)
    tasks = {one.ti_id: one.run_pk for one in releases if one.ti_id is not None}
    runs = {one.run_pk for one in releases if one.ti_id is None}
    for ids in batches(tasks):
        found = conn.execute(_due(_TASKS, task_instance, ids, now)).all()
        _set_tasks(conn, found, who, RELEASED)
        for row in found:
            del tasks[row.id]
    for ids in batches(runs):
        found = conn.execute(_due(_RUNS, dag_run, ids, now)).all()
        due = [row.id for row in found]
        conn.execute(update(dag_run).where(dag_run.c.id.in_(due)).values(**RELEASED))
        for row in found:
            _record(conn, "run", row, who, RELEASED)
        runs.difference_update(due)
    return runs.union(tasks.values())


_RUNS: Select[Any] = select(dag_run.c.id, dag_run.c.dag_id, dag_run.c.run_id, dag_run.c.held_by)
_TASKS: Select[Any] = select(
    task_instance.c.id,
    task_instance.c.task_id,
    task_instance.c.map_index,
    task_instance.c.held_by,
    dag_run.c.dag_id,
    dag_run.c.run_id,
).join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)


def _due(wanted: Select[Any], table: Table, ids: list[int], now: datetime) -> Select[Any]:
    return wanted.where(table.c.id.in_(ids), table.c.held_until <= now).order_by(table.c.id)


def _values(who: Who, terms: Terms) -> Values:
    why, until = terms
    if until is not None and until <= who.at:
        raise HoldError(f"{until:%Y-%m-%d %H:%M:%S %Z} is past: name a later moment, or none")
    return {"held_by": who.name, "held_at": who.at, "held_why": why or None, "held_until": until}


def _set_tasks(conn: Connection, found: Sequence[Row[Any]], who: Who, values: Values) -> None:
    stamped = {**values, "revision": revision.OF_ITS_RUN}
    for ids in batches(row.id for row in found):
        conn.execute(update(task_instance).where(task_instance.c.id.in_(ids)).values(stamped))
    for row in found:
        where = {"task_id": row.task_id, "map_index": row.map_index}
        _record(conn, "task", row, who, values, where)


def _record(
    conn: Connection,
    what: str,
    row: Row[Any],
    who: Who,
    values: Values,
    where: Mapping[str, Any] | None = None,
) -> None:
    after, until = values["held_by"], values["held_until"]
    detail = {"before": row.held_by, "after": after, "address": who.address}
    if values["held_why"]:
        detail["why"] = values["held_why"]
    if until is not None:
        detail["until"] = until.isoformat()
    name = f"{what}.hold" if after else f"{what}.release"
    place = {"dag_id": row.dag_id, "run_id": row.run_id, **(where or {})}
    events.record(conn, name, who.name, at=who.at, detail=detail, **place)
