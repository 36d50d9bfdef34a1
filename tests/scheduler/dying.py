"""A scheduler for tests that dies after each commit: the next tick knows only the tables."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from flowctl.core.attempt import Ended, Outcome
from flowctl.core.run import Task
from flowctl.core.states import TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from flowctl.scheduler.memory import Memory
from flowctl.store import outcomes, plans
from flowctl.store.engine import reading, writing
from tests.store.rows import lead

Fate = Callable[[Task], TaskState]
TICKS_MAX = 500


def success(_task: Task) -> TaskState:
    """Let every task succeed."""
    return TaskState.SUCCESS


def tick(engine: Engine, now: datetime, fate: Fate = success) -> bool:
    """Take one step; the attempts that it starts end at once. Say whether there was one."""
    world = World(parallelism=8)
    with reading(engine) as conn:
        Memory(world).refresh(conn)
    plan = decide(world, now)
    changed = (plan.moves, plan.run_moves, plan.asset_runs, plan.backfill_runs, plan.backfill_ends)
    if not any(changed):
        return False
    with writing(engine) as conn:
        plans.apply(conn, plan, world, lead(conn), now)
    ended = [
        Ended(
            move.run_pk,
            Outcome(move.ti_id, move.try_number, fate(world.by_id[move.ti_id]), now, now),
            "a.log",
        )
        for move in plan.starts
    ]
    with writing(engine) as conn:
        outcomes.record(conn, [], ended, now)
    return True


def until_quiet(engine: Engine, now: datetime, fate: Fate = success) -> None:
    """Take steps until there is nothing to do."""
    for number in range(TICKS_MAX):
        if not tick(engine, now + timedelta(seconds=number), fate):
            return
    raise AssertionError("it never comes to rest")
