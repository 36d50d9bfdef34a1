"""Which of the tasks that are ready start now?"""

from collections import defaultdict
from functools import cache
from heapq import heapify, heappop, heappush

from flowctl.core.draft import Draft
from flowctl.core.examination import begins_deferred
from flowctl.core.holds import blocker
from flowctl.core.lanes import Lane, Place, lane_of, place_of
from flowctl.core.plan import Move
from flowctl.core.run import Task
from flowctl.core.states import RunState, TaskState


def admit(draft: Draft, fresh: list[Task]) -> set[int]:
    """Start ready tasks in the order of their priority, as far as there is room.

    Returns:
        The runs in which tasks ended that start nothing: what comes after them is looked at next.
    """
    stirred: set[int] = set()
    world, room = draft.world, draft.room
    for task in fresh:
        draft.states[task.id] = TaskState.SCHEDULED
        if task.state is TaskState.DEFERRED:
            room.take_deferred(task, -1)
    if room.is_full:
        return stirred
    lines = _lines(draft, fresh)
    heads = [(places[0], at, 0) for at, places in enumerate(lines)]
    heapify(heads)
    while heads and not room.is_full:
        place, at, index = heappop(heads)
        task = world.by_id[place[-1]]
        if room.blocker(task) is not None:
            continue  # and none of its lane can start
        places = lines[at]
        if index + 1 < len(places):
            heappush(heads, (places[index + 1], at, index + 1))
        is_running = draft.run_state(task.run) is RunState.RUNNING
        if is_running and draft.state(task) is TaskState.SCHEDULED and not blocker(task):
            if task.spec.is_empty:  # it became ready while its DAG was paused
                list(draft.settle(task, TaskState.SUCCESS, ""))
                stirred.add(task.run.pk)
            else:
                _start(draft, task)
    return stirred


def _lines(draft: Draft, fresh: list[Task]) -> list[list[Place]]:
    """Return the lines whose pools have room now: those that wait, and those that just came."""
    new: dict[Lane, list[Place]] = defaultdict(list)
    for task in fresh:
        new[lane_of(task)].append(place_of(task))
    lines = [(lane, sorted(places)) for lane, places in new.items()]
    lines += draft.world.lanes.items()
    has_slots = cache(draft.room.has_slots)
    return [places for (pool, slots, *_), places in lines if has_slots(pool, slots)]


def _start(draft: Draft, task: Task) -> None:
    if begins_deferred(task):
        draft.defer(task)
        return
    draft.room.take(task)
    draft.states[task.id] = TaskState.QUEUED
    draft.plan.moves.append(
        Move(
            task.id,
            task.run.pk,
            task.state,
            TaskState.QUEUED,
            task.try_number + 1,
            resumes=task.waiting_since is not None,
        )
    )
