"""The pools: how many slots each has, and who holds them now."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, text

from flowctl.core.states import TaskState
from flowctl.errors import FlowctlError
from flowctl.store.schema import ID, UNFINISHED_TASKS, pool, task_instance
from flowctl.store.upsert import insert_or_replace

DEFAULT = "default_pool"
UNLIMITED = -1


class PoolError(FlowctlError):
    """A pool cannot be made, changed or deleted as asked."""


@dataclass(frozen=True)
class Pool:
    """One pool; `slots` -1 means no limit."""

    name: str
    slots: int
    description: str | None = None
    include_deferred: bool = False  # deferred tasks keep their slots


@dataclass(frozen=True)
class Usage:
    """One pool and its slots by what holds them; `open_slots` is None without a limit."""

    pool: Pool
    running: int
    queued: int
    scheduled: int
    deferred: int

    @property
    def occupied(self) -> int:
        """Return the slots that are taken."""
        return self.running + self.queued + (self.deferred if self.pool.include_deferred else 0)

    @property
    def open_slots(self) -> int | None:
        """Return the free slots, negative after a pool was made smaller; None: no limit."""
        return None if self.pool.slots == UNLIMITED else self.pool.slots - self.occupied


HELD_AS = {
    TaskState.RUNNING: "running",
    TaskState.RESTARTING: "running",
    TaskState.QUEUED: "queued",
    TaskState.SCHEDULED: "scheduled",
    TaskState.DEFERRED: "deferred",
}
"""Which column of `Usage` a task instance counts in; other states hold and want nothing."""


def get(conn: Connection, name: str) -> Pool | None:
    """Return one pool, or None when there is none."""
    row = conn.execute(select(pool).where(pool.c.name == name)).one_or_none()
    return None if row is None else _pool(row)


def listed(conn: Connection) -> list[Pool]:
    """Return all pools, sorted by name."""
    return [_pool(row) for row in conn.execute(select(pool).order_by(pool.c.name))]


def usage(conn: Connection) -> list[Usage]:
    """Return all pools with their use, sorted by name. Two queries, whatever there is."""
    counts: dict[str, dict[str, int]] = {}
    for name, state, slots in conn.execute(_HELD):
        kind = HELD_AS.get(TaskState(state))
        if kind is not None:
            kinds = counts.setdefault(name, dict.fromkeys(HELD_AS.values(), 0))
            kinds[kind] += int(slots)
    nothing = dict.fromkeys(HELD_AS.values(), 0)
    return [Usage(one, **counts.get(one.name, nothing)) for one in listed(conn)]


def put(conn: Connection, *wanted: Pool) -> None:
    """Make pools, or change those that are there.

    Raises:
        PoolError: a name is empty or too long, or slots is below -1.
    """
    for one in wanted:
        if not 0 < len(one.name) <= ID:
            raise PoolError(f"pool name {one.name!r}: must have 1 to {ID} characters")
        if one.slots < UNLIMITED:
            raise PoolError(f"pool {one.name!r}: {one.slots} slots; -1 is no limit, else 0 or more")
    if wanted:
        insert_or_replace(conn, pool, [vars(one) for one in wanted])


def remove(conn: Connection, name: str) -> bool:
    """Delete one pool; say whether there was one.

    Raises:
        PoolError: it is default_pool, which every task without a pool uses.
    """
    if name == DEFAULT:
        raise PoolError(f"{DEFAULT} cannot be deleted: every task that names no pool runs in it")
    return bool(conn.execute(delete(pool).where(pool.c.name == name)).rowcount)


def _pool(row: Row[Any]) -> Pool:
    return Pool(**row._asdict())


_HELD = (
    select(task_instance.c.pool, task_instance.c.state, func.sum(task_instance.c.pool_slots))
    .where(text(UNFINISHED_TASKS))
    .group_by(task_instance.c.pool, task_instance.c.state)
)
