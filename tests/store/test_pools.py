"""Pools: limits and who holds the slots."""

import pytest
from sqlalchemy import Connection, text

from flowctl.core.states import TaskState
from flowctl.store import pools
from flowctl.store.pools import Pool, PoolError, Usage
from flowctl.store.schema import UNFINISHED_TASKS
from tests.store import rows

STATES = [*TaskState, TaskState.RUNNING]  # each once, two running


def usage_of(conn: Connection, name: str) -> Usage:
    """Return the usage of one pool."""
    return next(one for one in pools.usage(conn) if one.pool.name == name)


def test_a_pool_is_made_changed_and_deleted(conn: Connection) -> None:
    pools.put(conn, Pool("p", 3, "three"))
    pools.put(conn, Pool("p", 5, None, include_deferred=True))

    assert pools.get(conn, "p") == Pool("p", 5, None, include_deferred=True)
    assert [one.name for one in pools.listed(conn)] == ["default_pool", "p"]
    assert pools.remove(conn, "p")
    assert not pools.remove(conn, "p")
    assert pools.get(conn, "p") is None


def test_the_default_pool_stays(conn: Connection) -> None:
    with pytest.raises(PoolError, match="default_pool cannot be deleted"):
        pools.remove(conn, "default_pool")


@pytest.mark.parametrize("wrong", [Pool("", 1), Pool("p" * 251, 1), Pool("p", -2)])
def test_an_impossible_pool_is_refused(conn: Connection, wrong: Pool) -> None:
    with pytest.raises(PoolError, match=r"characters|-1 is no limit"):
        pools.put(conn, wrong)


def test_slots_are_counted_by_what_holds_them(conn: Connection) -> None:
    pools.put(conn, Pool("p", 20))
    rows.add_run(conn, "d", "r", STATES, pool="p", pool_slots=2)

    found = usage_of(conn, "p")

    # a restarting task still runs: it counts with the two running ones
    assert (found.running, found.queued, found.scheduled, found.deferred) == (6, 2, 2, 2)
    assert (found.occupied, found.open_slots) == (8, 12)
    assert usage_of(conn, "default_pool") == Usage(
        Pool("default_pool", 128, "Default pool"), 0, 0, 0, 0
    )


def test_deferred_tasks_hold_slots_only_where_the_pool_says_so(conn: Connection) -> None:
    pools.put(conn, Pool("p", 1, include_deferred=True))
    rows.add_run(conn, "d", "r", [TaskState.DEFERRED, TaskState.DEFERRED], pool="p")

    assert usage_of(conn, "p").open_slots == -1


def test_a_pool_without_limit_has_no_number_of_open_slots(conn: Connection) -> None:
    pools.put(conn, Pool("p", pools.UNLIMITED))
    rows.add_run(conn, "d", "r", [TaskState.RUNNING], pool="p")

    assert usage_of(conn, "p").open_slots is None


def test_counting_does_not_read_finished_tasks(conn: Connection) -> None:
    if conn.dialect.name != "sqlite":
        return  # PostgreSQL plans by size; the condition is the same
    asked = f"EXPLAIN QUERY PLAN SELECT pool FROM task_instance WHERE {UNFINISHED_TASKS}"
    assert "ix_task_instance_unfinished" in str(conn.execute(text(asked)).all())
