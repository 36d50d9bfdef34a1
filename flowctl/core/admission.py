"""Which of the tasks that are ready start now?"""

from collections import defaultdict
from heapq import heapify, heappop, heappush

from flowctl.core.draft import Draft
from flowctl.core.examination import begins_deferred
from flowctl.core.holds import blocker
from flowctl.core.lanes import Lane, Place, lane_of, place_of
from flowctl.core.plan import Move
from flowctl.core.run import Task
from flowctl.core.states import RunState, TaskState


def admit(draft: Draft, fresh: list[Task]) -> None:
    """Start ready tasks in the order of their priority, as far as there is room."""
    world, room = draft.world, draft.room
    for task in fresh:
        draft.states[task.id] = TaskState.SCHEDULED
        if task.state is TaskState.DEFERRED:
            room.take_deferred(task, -1)
    lanes: dict[Lane, list[list[Place]]] = defaultdict(list)
    for lane, waiting in world.lanes.items():
        lanes[lane].append(waiting)
    new: dict[Lane, list[Place]] = defaultdict(list)
    for task in fresh:
        new[lane_of(task)].append(place_of(task))
    for lane, places in new.items():
        lanes[lane].append(sorted(places))
    heads = [
        (places[0], lane, at, 0) for lane, lists in lanes.items() for at, places in enumerate(lists)
    ]
    heapify(heads)
    while heads and not room.is_full:
        place, lane, at, index = heappop(heads)
        task = world.by_id[place[-1]]
        if room.blocker(task) is not None:
            continue  # and none of its lane can start
        places = lanes[lane][at]
        if index + 1 < len(places):
            heappush(heads, (places[index + 1], lane, at, index + 1))
        is_running = draft.run_state(task.run) is RunState.RUNNING
        if is_running and draft.state(task) is TaskState.SCHEDULED and not blocker(task):
            _start(draft, task)


def _start(draft: Draft, task: Task) -> None:
    if task.spec.is_empty:  # it became ready while its DAG was paused
        list(draft.settle(task, TaskState.SUCCESS, ""))
        return
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
