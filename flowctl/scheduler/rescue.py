"""What became of the attempts that the metastore calls queued or running?

Called when an executor was connected and the metastore read after that. An attempt that the
executor knows goes on. One that was queued and is not known never began: the same try is ordered
again, nothing is used up. One that was running and is not known has lost its files (somebody
deleted them): it ends as a lost process, with a retry where one is left. What the executor knows
and the metastore does not want was ended or cleared while nobody looked: it is killed.

All this is said of the attempts of this home. Those of another home on the same metastore are left
to it (`remainder`): only their own runner can say whether they began.
"""

import logging

from sqlalchemy import Engine

from flowctl import clock
from flowctl.core.attempt import Ended
from flowctl.core.run import Task
from flowctl.core.states import OCCUPYING, TaskState
from flowctl.core.world import World
from flowctl.executors.contract import Executor, Key
from flowctl.runner import verdicts
from flowctl.scheduler.orders import order
from flowctl.store import lease, outcomes, places
from flowctl.store.engine import reading, writing

LOG = logging.getLogger("flowctl.scheduler")


def requeue_lost(
    engine: Engine,
    world: World,
    executor: Executor,
    known: set[Key],
    term: int,
    place: str = "",
) -> None:
    """Order lost starts again, and end attempts that nobody has any more.

    Args:
        known: the attempts that the executor knows.
        term: of the leader.
        place: of this home; attempts of another one are not judged.
    """
    occupying = [task for task in world.by_id.values() if task.state in OCCUPYING]
    lost = [task for task in occupying if (task.id, task.try_number) not in known]
    with reading(engine) as conn:
        elsewhere = places.elsewhere(conn, [task.id for task in lost], place)
    lost = [task for task in lost if (task.id, task.try_number) not in elsewhere]
    again = [task for task in lost if task.state is TaskState.QUEUED]
    gone = [task for task in lost if task.state is not TaskState.QUEUED]
    unwanted = _unwanted(known, occupying)
    if unwanted:
        executor.kill(unwanted, "its task instance was ended or cleared by somebody else")
    if again:
        LOG.info("%d queued attempts never began; ordering them again", len(again))
        executor.start([order(task, term, is_repeated=True) for task in again])
    if gone:
        _end(engine, world, gone, term)


def _unwanted(known: set[Key], occupying: list[Task]) -> list[Key]:
    wanted = {
        (task.id, task.try_number) for task in occupying if task.state is not TaskState.RESTARTING
    }
    return sorted(key for key in known - wanted if key[0] > 0)  # below zero: callbacks


def _end(engine: Engine, world: World, gone: list[Task], term: int) -> None:
    now = clock.utcnow()
    LOG.warning("%d running attempts are gone without a trace", len(gone))
    ended = [
        Ended(task.run.pk, verdicts.died(order(task, term), now, now, verdicts.LOST), "")
        for task in gone
    ]
    with writing(engine) as conn:
        lease.hold(conn, term, now)
        outcomes.record(conn, [], ended, now)
    for entry in ended:
        outcome = entry.outcome
        state = outcome.state
        if world.by_id[outcome.ti_id].state is TaskState.RESTARTING:
            state = TaskState.NONE
        world.change(world.by_id[outcome.ti_id], state, retry_at=outcome.retry_at)
