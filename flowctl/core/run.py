"""One run and its task instances, as the scheduler remembers them.

Which instances of one task count for which of another, and into how many a task is expanded, is
asked here; what should become of them is not.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from flowctl.core import mapping
from flowctl.core.graph import Graph
from flowctl.core.spec import TaskSpec
from flowctl.core.states import FINISHED, OCCUPYING, RunState, TaskState
from flowctl.core.trigger_rules import Upstream

NO_LENGTH = -1


@dataclass(frozen=True, slots=True)
class Hold:
    """Who lets something not start, why, and until when; None: until somebody releases it."""

    by: str
    why: str = ""
    until: datetime | None = None

    def said(self, what: str) -> str:
        """Return who holds it as people read it, such as "ann holds it until ... (why)"."""
        until = "" if self.until is None else f" until {self.until:%Y-%m-%d %H:%M:%S %Z}"
        why = f" ({self.why})" if self.why else ""
        return f"{self.by} holds {what}{until}{why}"


@dataclass(slots=True, eq=False)
class Task:
    """One task instance."""

    id: int
    run: "Run"
    spec: TaskSpec
    state: TaskState = TaskState.NONE
    try_number: int = 0  # of its latest start
    max_tries: int = 0
    resumed: int = 0  # starts that only continued a try; see `core.attempt`
    map_index: int = -1
    retry_at: datetime | None = None
    waiting_since: datetime | None = None  # first start of the try that is to be continued
    next_method: str | None = None  # it was deferred: the method in which it goes on, if any
    hold: Hold | None = None  # a person lets it not start
    expected_bytes: int = 0  # of memory, when it last moved; see `core.headroom`
    followed: frozenset[str] | None = None  # a branch ran: only these direct downstream tasks go on
    bypassed: frozenset[str] = frozenset()  # a branch or short circuit ran: these do not
    left: int | None = None
    """How many elements its result has; NO_LENGTH: it is no list or dict; None: there is none.

    Known of tasks that others are mapped over.
    """
    inner: Upstream | None = None  # the upstream tasks of which only its own index counts

    @property
    def name(self) -> str:
        """Return what people see: the task id, with the index of one of several instances."""
        task_id = self.spec.task_id
        return task_id if self.map_index < 0 else f"{task_id}[{self.map_index}]"

    @property
    def shown_try(self) -> int:
        """Return the number of the latest try as people count."""
        return self.try_number - self.resumed

    @property
    def shown_max_tries(self) -> int:
        """Return the last try that may be followed by another, as people count."""
        return self.max_tries - self.resumed

    def leaves_out(self, task_id: str) -> bool:
        """Say whether this branch decided against `task_id`, a direct downstream task."""
        return task_id in self.bypassed or (
            self.followed is not None and task_id not in self.followed
        )


@dataclass(slots=True, eq=False)
class Run:
    """One DAG run and its task instances."""

    pk: int
    dag_id: str
    run_id: str
    run_type: str
    state: RunState
    logical_date: datetime
    graph: Graph
    version: str
    revision: int = 0
    source_hash: str = ""
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    external_trigger: bool = False
    conf: dict[str, Any] = field(default_factory=dict)
    hold: Hold | None = None  # a person lets none of its tasks start
    ending: str = ""  # why it fails once its teardowns have run; the other tasks were stopped
    refused: str = ""  # why its own timetable has no data interval for it
    previous_pk: int | None = None  # the run that `depends_on_past` means
    backfill: int | None = None  # the open backfill that the run belongs to
    returning: frozenset[str] = frozenset()  # tasks that run lacks, though still earlier ones had
    made: int | None = None  # of a large run: how many task instances there are so far; None: all
    is_whole: bool = True  # False: not all of its task instances are made and known yet
    tasks: dict[str, tuple[Task, ...]] = field(default_factory=dict)
    """The instances of each task by map index: just one, of index -1, unless it is expanded."""

    upstream: dict[str, Upstream] = field(default_factory=dict)  # what all its instances share
    dirty: set[str] = field(default_factory=set)  # tasks whose situation changed
    stirred: set[Task] = field(default_factory=set)  # single instances of which that is so
    lengths: dict[str, int] = field(default_factory=dict)  # of expanded tasks, where known
    unfinished: int = 0
    failed: int = 0
    occupying: int = 0
    task_used: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, tasks: Iterable[Task]) -> None:
        """Hold these task instances, and no others."""
        found: dict[str, list[Task]] = defaultdict(list)
        for task in tasks:
            found[task.spec.task_id].append(task)
        for instances in found.values():
            if len(instances) > 1:
                instances.sort(key=lambda task: task.map_index)
        self.tasks = {task_id: tuple(instances) for task_id, instances in found.items()}

    @property
    def instances(self) -> Iterator[Task]:
        """Return all task instances."""
        return (task for instances in self.tasks.values() for task in instances)

    def task(self, task_id: str, map_index: int = -1) -> Task:
        """Return one task instance.

        Raises:
            KeyError: the run has no such one.
        """
        for task in _at(self.tasks[task_id], map_index):
            return task
        raise KeyError(task_id, map_index)

    def before(self, parent: str, task: Task) -> Sequence[Task]:
        """Return the instances of an inner upstream task that count for `task`.

        One that is not expanded counts for all indexes.
        """
        found = self.tasks.get(parent, ())
        return found if found and found[0].map_index < 0 else _at(found, task.map_index)

    def after(self, child: str, task: Task) -> Sequence[Task]:
        """Return the instances of an inner downstream task for which `task` counts."""
        found = self.tasks.get(child, ())
        return found if task.map_index < 0 else _at(found, task.map_index)

    def relevant(self, other: str, task: Task) -> Sequence[Task]:
        """Return the instances of another task that `task` has to do with.

        In a mapped group that holds both, it is the one of the same index.
        """
        if self.graph.share_group(other, task.spec.task_id):
            return self.before(other, task)
        return self.tasks.get(other, ())

    def deciders(self, parent: str, task: Task) -> Sequence[Task]:
        """Return the instances of a branch that decide about `task`: its own, or the only one."""
        return [
            one
            for one in self.relevant(parent, task)
            if one.map_index < 0 or self.graph.share_group(parent, task.spec.task_id)
        ]

    def is_over(self, task_id: str) -> bool:
        """Say whether all instances of a task have ended."""
        return all(task.state in FINISHED for task in self.tasks.get(task_id, ()))

    def expanded(self, task_id: str) -> int:
        """Return how many instances a task has, without gaps from index 0 on."""
        instances = self.tasks[task_id]
        there = len(instances)
        if instances[-1].map_index == there - 1:
            return there
        return next((at for at, task in enumerate(instances) if task.map_index != at), there)

    def is_expanded(self, task_id: str, count: int) -> bool:
        """Say whether a task has the instances that it should, and but for those that run no more.

        What runs is not removed because the list that it is mapped over is shorter now.
        """
        more = self.tasks[task_id][count:]
        return self.expanded(task_id) >= count and all(task.state in OCCUPYING for task in more)

    def lacking(self, task_id: str) -> int:
        """Return how many instances a task should have; 0 if it has them, or none are known of."""
        count = self.length(task_id) or 0
        return count if count and not self.is_expanded(task_id, count) else 0

    def length(self, task_id: str) -> int | None:
        """Return into how many instances a task is expanded; None: into none, or not known yet."""
        length = self.graph.lengths.get(task_id)
        if length is None:
            return None
        if task_id not in self.lengths:
            found = mapping.count(length, self._left)
            if found is None:
                return None
            self.lengths[task_id] = found
        return self.lengths[task_id]

    def _left(self, task_id: str) -> int | None:
        """Return how many elements a result has; of an expanded task, how many results it left."""
        instances = self.tasks.get(task_id)
        if not instances or not self.is_over(task_id):
            return None
        if instances[0].map_index >= 0:
            return sum(task.left is not None for task in instances)
        return None if instances[0].left == NO_LENGTH else instances[0].left

    def stir_after(self, task: Task) -> None:
        """Have the instances looked at again for which `task` counts."""
        task_id, inner = task.spec.task_id, self.graph.inner
        self.dirty.update(self.graph.fed.get(task_id, ()))
        for child in self.graph.downstream.get(task_id, ()):
            if task_id in inner.get(child, ()):
                self.stirred.update(self.after(child, task))
            else:
                self.dirty.add(child)

    def stir(self, task: Task) -> None:
        """Have one instance looked at again."""
        if task.map_index < 0:
            self.dirty.add(task.spec.task_id)
        else:
            self.stirred.add(task)

    @property
    def deadline(self) -> datetime | None:
        """Return when `dagrun_timeout` ends the run, or None when nothing does."""
        timeout = self.graph.spec.dagrun_timeout
        if timeout is None or self.start_date is None:
            return None
        try:
            return self.start_date + timeout
        except OverflowError:  # after the last year there is
            return None

    @property
    def is_finished(self) -> bool:
        """Say whether the run has ended; it is kept only because a later run depends on it."""
        return self.state in (RunState.SUCCESS, RunState.FAILED)


def _at(instances: tuple[Task, ...], map_index: int) -> tuple[Task, ...]:
    """Return the instance of an index, as a tuple of one or none."""
    place = bisect_left(instances, map_index, key=_index)
    found = instances[place : place + 1]
    return found if found and found[0].map_index == map_index else ()


_index = attrgetter("map_index")
