"""When may a task start that waits? Reckoned from how long the tasks usually took that it awaits.

All is taken to succeed at its next try, and nobody new to stand in line before it. There is no
answer where a person, another run or an event decides, or a task has no history.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowctl.core.draft import Draft
from flowctl.core.explain import limits, takers
from flowctl.core.judgement import judge_start
from flowctl.core.lanes import place_of
from flowctl.core.run import Task
from flowctl.core.slots import Room
from flowctl.core.states import FINISHED, OCCUPYING, TIMED, RunState, TaskState
from flowctl.core.trigger_rules import Verdict
from flowctl.core.world import World

AWAITED_MAX = 200  # tasks; a guess over more of them would be worth little

AWAITS: dict[str, Callable[[Iterable[datetime]], datetime]] = {
    "all_success": max,
    "all_done": max,
    "all_done_min_one_success": max,
    "all_done_setup_success": max,
    "none_failed": max,
    "none_failed_min_one_success": max,
    "none_failed_or_skipped": max,
    "none_skipped": max,
    "one_success": min,
    "one_done": min,
}
"""Which of the ends before it a task awaits, if all succeed; by other rules it would not run."""


@dataclass(frozen=True)
class History:
    """What is known of tasks beyond the world."""

    took: Mapping[tuple[str, str], timedelta]  # by DAG and task, usually
    began: Mapping[int, datetime]  # by task instance, of those that run


@dataclass(frozen=True)
class Expected:
    """A guess."""

    start: datetime
    runs: int  # so many runs tell how long tasks take

    @property
    def said(self) -> str:
        """Return it as people read it."""
        runs = "the last run" if self.runs == 1 else f"the last {self.runs} runs"
        return f"expected about {self.start:%Y-%m-%d %H:%M %Z}, from {runs}"


def awaited(world: World, task: Task) -> list[Task]:
    """Return the unfinished tasks that decide when one starts; none where they are too many."""
    found: dict[int, Task] = {}
    open_ends = [task]
    while open_ends:
        one = open_ends.pop()
        more = [*_before(one), *(_in_the_way(world, one) if one is task else ())]
        fresh = {other.id: other for other in more if other.id not in found}
        found |= fresh
        open_ends += fresh.values()
        if len(found) > AWAITED_MAX:
            return []
    return list(found.values())


def start(world: World, task: Task, history: History, now: datetime) -> datetime | None:
    """Return when a task that waits is expected to start; None: nobody can tell."""
    return _Reckoning(world, history, now).start(task)


class _Reckoning:
    def __init__(self, world: World, history: History, now: datetime) -> None:
        self._world = world
        self._history = history
        self._now = now
        self._room = Room(world)
        self._ends: dict[int, datetime | None] = {}

    def start(self, task: Task) -> datetime | None:
        run = task.run
        if run.state is not RunState.RUNNING or task.hold or run.hold or self._room.run_stop(run):
            return None
        if task.state is TaskState.QUEUED:
            return self._now
        if task.state in TIMED and task.state is not TaskState.DEFERRED:
            return task.retry_at
        if task.state not in (TaskState.NONE, TaskState.SCHEDULED):
            return None
        before = _before(task)
        return self._after(task, before) if before else self._with_room(task)

    def _after(self, task: Task, before: list[Task]) -> datetime | None:
        choose, ends = AWAITS.get(task.spec.trigger_rule), [self._end(one) for one in before]
        known = [end for end in ends if end is not None]
        if choose is None or not known or (choose is max and len(known) < len(ends)):
            return None
        return choose(known)

    def _with_room(self, task: Task) -> datetime | None:
        """Of a task that is ready: when enough of those have ended that take the room."""
        if judge_start(Draft(self._world), task)[0] is not Verdict.RUN:
            return None
        limit = self._room.limit(task)
        if limit is None:
            return self._now
        users = takers(self._world, limit.name)
        ends = sorted(end for end in map(self._end, users) if end is not None)
        line = [
            other
            for other in self._world.by_id.values()
            if other.state is TaskState.SCHEDULED
            and limit.name in limits(other)
            and place_of(other) < place_of(task)
        ]
        return ends[len(line)] if len(line) < len(ends) == len(users) else None

    def _end(self, task: Task) -> datetime | None:
        if task.id not in self._ends:
            self._ends[task.id] = None  # of a circle nobody can tell
            self._ends[task.id] = self._reckoned_end(task)
        return self._ends[task.id]

    def _reckoned_end(self, task: Task) -> datetime | None:
        runs = task.state is TaskState.RUNNING
        begins = self._history.began.get(task.id) if runs else self.start(task)
        took = self._history.took.get((task.run.dag_id, task.spec.task_id))
        if task.spec.is_empty:
            took = timedelta()
        return None if begins is None or took is None else max(begins + took, self._now)


def _before(task: Task) -> list[Task]:
    """Return the unfinished instances that come directly before one that has not begun."""
    if task.state in OCCUPYING or task.state in FINISHED:
        return []
    return [other for other in _upstream(task) if other.state not in FINISHED]


def _upstream(task: Task) -> Iterator[Task]:
    run, spec = task.run, task.spec
    inner = run.graph.inner.get(spec.task_id, ())
    for parent in spec.upstream:
        yield from run.before(parent, task) if parent in inner else run.tasks.get(parent, ())


def _in_the_way(world: World, task: Task) -> list[Task]:
    """Return the tasks that take the room which a task that is ready lacks."""
    if _before(task) or task.state not in (TaskState.NONE, TaskState.SCHEDULED):
        return []
    if task.run.dag_id not in world.dags:
        return []
    limit = Room(world).limit(task)
    return takers(world, limit.name) if limit else []
