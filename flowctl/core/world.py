"""What the scheduler knows: the unfinished runs, the DAGs, the room left, each ready to be asked.

A `World` is a plain, mutable memory of facts that are already true in the metastore. It keeps
counters and sorted lists beside them, so that a decision costs as much as what changed and not as
much as there is. Facts come in through `put_run`, `put_dag` and `change`; nothing here decides.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flowctl.core import mapping
from flowctl.core.assets import Key, is_met
from flowctl.core.graph import Graph
from flowctl.core.plan import Move, Plan
from flowctl.core.spec import TaskSpec
from flowctl.core.states import ENDED_ATTEMPT, FINISHED, OCCUPYING, RunState, TaskState
from flowctl.core.timetables import Due, Interval
from flowctl.core.trigger_rules import Upstream

Lane = tuple[str, int, str, tuple[object, ...]]
"""Pool, slots, DAG, and what limits the task itself: where one of a lane cannot start, none can."""
Place = tuple[int, float, int, int, int]  # -weight, logical date, run, place in the DAG, task


NO_LENGTH = -1


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
    followed: frozenset[str] | None = None  # a branch ran: only these direct downstream tasks go on
    bypassed: frozenset[str] = frozenset()  # a branch or short circuit ran: these do not
    place: Place | None = None  # in its ready lane
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
    refused: str = ""  # why its own timetable has no data interval for it
    previous_pk: int | None = None  # the run that `depends_on_past` means
    backfill: int | None = None  # the open backfill that the run belongs to
    returning: frozenset[str] = frozenset()  # tasks that run lacks, though still earlier ones had
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

    def is_expanded(self, task_id: str, count: int) -> bool:
        """Say whether a task has as many instances as it should."""
        instances = self.tasks[task_id]
        return instances[0].map_index >= 0 and len(instances) == count

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


@dataclass(slots=True, eq=False)
class Dag:
    """One active DAG: its newest version, and when its next scheduled run is due."""

    dag_id: str
    graph: Graph
    version: str
    version_pk: int = 0  # of the row in the metastore
    is_paused: bool = False
    revision: int = 0
    due: Due | None = None
    is_due_known: bool = False  # False: a new or changed DAG, the next date is to be worked out
    last_interval: Interval | None = None  # of the latest automated run
    foreseen: dict[Interval | None, Due | None] = field(default_factory=dict)
    """What the user's own timetable answered: which run follows which interval."""


@dataclass(slots=True, eq=False)
class Pool:
    """How many slots a pool has (-1: no limit)."""

    name: str
    slots: int
    include_deferred: bool = False  # deferred tasks keep their slots


@dataclass(slots=True, eq=False)
class Backfill:
    """One open backfill, and the dates that come next."""

    id: int
    dag_id: str
    max_active_runs: int
    is_paused: bool = False
    stops_on_failure: bool = False
    has_failed: bool = False  # a run of it
    waiting: Sequence[int] = ()  # keys of its next dates, in order


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site decides for all its DAGs."""

    makes_scheduled_runs: bool = True  # False: only triggered runs are made
    runs_ahead_of_time: bool = False  # of DAGs without a schedule, before their logical date


class World:
    """The facts, and what can be asked of them without searching."""

    def __init__(self, *, parallelism: int, rules: Rules = Rules()) -> None:
        self.parallelism = parallelism
        self.rules = rules
        self.dags: dict[str, Dag] = {}
        self.runs: dict[int, Run] = {}
        self.runs_of: dict[str, set[int]] = defaultdict(set)  # by DAG
        self.pools: dict[str, Pool] = {}
        self.by_id: dict[int, Task] = {}
        self.lanes: dict[Lane, list[Place]] = {}
        self.timers: list[tuple[datetime, int]] = []  # retry_at, task id; sorted
        self.due: list[tuple[datetime, str]] = []  # run_after, dag_id; sorted
        self.unknown_due: set[str] = set()
        self.news: Mapping[str, Collection[Key]] = {}  # assets that are new for a DAG
        self.updated: set[str] = set()  # DAGs whose condition over assets is met
        self.deadlines: list[tuple[datetime, int]] = []  # dagrun_timeout, run; sorted
        self.dirty_runs: set[int] = set()
        self.used = 0
        self.pool_used: dict[str, int] = defaultdict(int)
        self.pool_deferred: dict[str, int] = defaultdict(int)
        self.deferred = 0
        self.watching: set[str] = set()  # DAGs that describe watchers of assets
        self.dag_used: dict[str, int] = defaultdict(int)
        self.task_used: dict[tuple[str, str], int] = defaultdict(int)
        self.active_runs: dict[str, int] = defaultdict(int)  # running
        self.queued_runs: dict[str, set[int]] = defaultdict(set)
        self.backfills: dict[int, Backfill] = {}  # the open ones
        self.filling: dict[int, int] = defaultdict(int)  # unfinished runs by backfill
        self.queued_fills: set[int] = set()  # queued runs of open backfills
        self.successors: dict[int, set[int]] = defaultdict(set)

    # ------------------------------------------------------------------ DAGs

    def put_dag(self, dag: Dag) -> None:
        """Learn of a new DAG, a new version, a pause or another next date."""
        self.forget_due(dag.dag_id)
        self.dags[dag.dag_id] = dag
        if not dag.is_due_known:
            if not dag.is_paused:
                self.unknown_due.add(dag.dag_id)
        elif dag.due is not None and not dag.is_paused:
            insort(self.due, (dag.due.run_after, dag.dag_id))
        self._weigh_news(dag.dag_id)
        self.watching.discard(dag.dag_id)
        if any(asset.watchers for asset in dag.graph.spec.assets):
            self.watching.add(dag.dag_id)
        self.dirty_runs |= self.runs_of.get(dag.dag_id, set())

    def drop_dag(self, dag_id: str) -> None:
        """Forget a DAG whose file is gone. Its runs stay until they end."""
        self.forget_due(dag_id)
        self.dags.pop(dag_id, None)
        self.updated.discard(dag_id)
        self.watching.discard(dag_id)

    def forget_due(self, dag_id: str) -> None:
        """Take the DAG's next date out of the calendar."""
        self.unknown_due.discard(dag_id)
        known = self.dags.get(dag_id)
        if known is not None and known.is_due_known and known.due is not None:
            _discard(self.due, (known.due.run_after, dag_id))

    def set_due(self, dag_id: str, due: Due | None) -> None:
        """Learn when the next scheduled run of a DAG is due; None: never."""
        self.forget_due(dag_id)
        dag = self.dags[dag_id]
        dag.due, dag.is_due_known = due, True
        if due is not None and not dag.is_paused:
            insort(self.due, (due.run_after, dag_id))

    def put_news(self, news: Mapping[str, Collection[Key]]) -> None:
        """Learn which assets are new for which DAGs."""
        changed = {dag_id for dag_id in self.news if dag_id not in news}
        changed |= {dag_id for dag_id, keys in news.items() if self.news.get(dag_id) != keys}
        self.news = news
        for dag_id in changed:
            self._weigh_news(dag_id)

    def _weigh_news(self, dag_id: str) -> None:
        dag = self.dags.get(dag_id)
        condition = dag.graph.spec.schedule.condition if dag and not dag.is_paused else None
        if condition is not None and is_met(condition, self.news.get(dag_id, ())):
            self.updated.add(dag_id)
        else:
            self.updated.discard(dag_id)

    def foresee(
        self, dag_id: str, last: Interval | None, dues: Sequence[Due], is_all: bool
    ) -> None:
        """Learn which runs a user's timetable puts after `last`; `is_all`: and no further one."""
        if dag_id in self.dags:
            self.dags[dag_id].foreseen = foreseen(last, dues, is_all)

    def forget_foreseen(self, dag_id: str) -> None:
        """Have a user's timetable asked again before its DAG gets another run."""
        if dag_id not in self.dags:
            return
        self.forget_due(dag_id)
        dag = self.dags[dag_id]
        dag.foreseen, dag.due, dag.is_due_known = {}, None, False
        if not dag.is_paused:
            self.unknown_due.add(dag_id)

    # ------------------------------------------------------------------ the plan came true

    def absorb(self, plan: Plan, now: datetime) -> None:
        """Learn that a plan was written at `now`, all of it."""
        for pk in plan.examined:
            self.runs[pk].dirty.clear()
            self.runs[pk].stirred.clear()
            self.dirty_runs.discard(pk)
        for pk, (whole, single) in plan.postponed.items():
            self.runs[pk].dirty |= whole
            self.runs[pk].stirred |= single
            self.dirty_runs.add(pk)
        self.dirty_runs = {pk for pk in self.dirty_runs if self.runs[pk].state is RunState.RUNNING}
        for dag_id, due in plan.next_due.items():
            self.set_due(dag_id, due)
        self.put_news({d: keys for d, keys in self.news.items() if d not in plan.asset_runs})
        for dag_id in plan.unforeseen:
            self.forget_foreseen(dag_id)
        for new in plan.new_runs:
            self.dags[new.dag_id].last_interval = (new.due.interval_start, new.due.interval_end)
        for move in plan.moves:
            task = self.by_id[move.ti_id]
            if move.resumes:
                task.resumed += 1
                task.max_tries += 1
            if move.new is TaskState.DEFERRED:
                self._begin_deferred(task, move, now)
            else:
                self.change(task, move.new, try_number=move.try_number)
        for run_move in plan.run_moves:
            run = self.runs[run_move.run_pk]
            self.change_run(run, run_move.new, now)
            if run_move.new is RunState.FAILED and run.backfill in self.backfills:
                self.backfills[run.backfill].has_failed = True
        for backfill_id, _ in plan.backfill_ends:
            self.backfills.pop(backfill_id, None)

    def _begin_deferred(self, task: Task, move: Move, now: datetime) -> None:
        assert task.spec.start_trigger is not None
        self.change(
            task,
            TaskState.DEFERRED,
            try_number=move.try_number,
            retry_at=move.until,
            waiting_since=now,
            next_method=task.spec.start_trigger.method,
        )

    # ------------------------------------------------------------------ runs

    def put_run(self, run: Run) -> None:
        """Learn of a run, or learn all of it anew."""
        self.drop_run(run.pk)
        self.runs[run.pk] = run
        self.runs_of[run.dag_id].add(run.pk)
        self._count_run(run, 1)
        for task_id in run.tasks:
            run.upstream[task_id] = _counts(_outer(run, task_id))
        for task in run.instances:
            self.by_id[task.id] = task
            self._enter(task)
        for task_id in run.graph.inner:
            _count_inner(run, task_id)
        for task in run.instances:
            if task.state is TaskState.NONE and not _only_waits(task):
                run.stir(task)
                run.dirty.add(task.spec.task_id)
        self.dirty_runs.add(run.pk)
        if run.previous_pk is not None:
            self.successors[run.previous_pk].add(run.pk)
        for successor in self.successors.get(run.pk, ()):
            self._stir_past(self.runs[successor], self.runs[successor].tasks)

    def drop_run(self, pk: int) -> None:
        """Forget a run."""
        run = self.runs.pop(pk, None)
        if run is None:
            return
        _remove(self.runs_of, run.dag_id, pk)
        for task in run.instances:
            self._leave(task)
            del self.by_id[task.id]
        self._count_run(run, -1)
        self.dirty_runs.discard(pk)
        if run.previous_pk is not None:
            _remove(self.successors, run.previous_pk, pk)

    def change_run(self, run: Run, state: RunState, at: datetime) -> None:
        """Learn that a run moved to `state` at a moment."""
        self._count_run(run, -1)
        run.state = state
        if state is RunState.RUNNING:
            run.start_date = at
        self._count_run(run, 1)
        self.dirty_runs.add(run.pk)

    def is_wanted(self, run: Run) -> bool:
        """Say whether a run must stay in memory: unfinished, or needed by a later one."""
        return not run.is_finished or bool(self.successors.get(run.pk))

    def _count_run(self, run: Run, by: int) -> None:
        if run.backfill is not None and not run.is_finished:
            self.filling[run.backfill] += by
        if run.state is RunState.RUNNING:
            if run.backfill is None:
                self.active_runs[run.dag_id] += by
            deadline = run.deadline
            if deadline is not None and by > 0:
                insort(self.deadlines, (deadline, run.pk))
            elif deadline is not None:
                _discard(self.deadlines, (deadline, run.pk))
        elif run.state is RunState.QUEUED:
            own = self.queued_runs[run.dag_id]
            queued = own if run.backfill is None else self.queued_fills
            (queued.add if by > 0 else queued.discard)(run.pk)

    def _stir_past(self, run: Run, task_ids: Iterable[str]) -> None:
        """Have those of these tasks looked at again that depend on the run before."""
        run.dirty.update(
            task_id
            for task_id in task_ids
            if (instances := run.tasks.get(task_id))
            and instances[0].spec.depends_on_past
            and (len(instances) > 1 or instances[0].state is TaskState.NONE)
        )
        self.dirty_runs.add(run.pk)

    # ------------------------------------------------------------------ task instances

    def change(
        self,
        task: Task,
        state: TaskState,
        *,
        try_number: int | None = None,
        retry_at: datetime | None = None,
        waiting_since: datetime | None = None,
        left: int | None = None,
        next_method: str | None = None,
    ) -> None:
        """Learn that a task instance moved to `state`.

        Args:
            try_number: of the start that this is; None: no other than before.
            retry_at: when it goes on, of a state that ends by itself.
            waiting_since: of an attempt that ended, when the try began that is to be continued.
            left: what its result is; see `Task.left`.
            next_method: of one that was deferred, the method in which it goes on.
        """
        self._leave(task)
        task.left = left
        if state in ENDED_ATTEMPT or task.state is TaskState.RESTARTING:
            task.waiting_since = waiting_since
            task.next_method = next_method
        task.state = state
        task.retry_at = retry_at
        if try_number is not None:
            task.try_number = try_number
        self._enter(task)
        run = task.run
        if task.spec.task_id in run.graph.fed:
            run.lengths.clear()
        if state in FINISHED:
            run.stir_after(task)
            run.dirty.update(run.graph.guarded.get(task.spec.task_id, ()))
            for successor in self.successors.get(run.pk, ()):
                # itself, and with wait_for_downstream those before it
                self._stir_past(self.runs[successor], (task.spec.task_id, *task.spec.upstream))
        elif state is TaskState.NONE:
            run.stir(task)
        self.dirty_runs.add(run.pk)

    def expand(self, run: Run, task_id: str, ids: Sequence[int]) -> None:
        """Learn that a task was expanded, and the ids of its instances in the order of indexes."""
        (first,) = run.tasks[task_id]
        self._leave(first)
        first.map_index = 0
        more = [
            Task(one, run, first.spec, max_tries=first.max_tries, map_index=index)
            for index, one in enumerate(ids[1:], start=1)
        ]
        run.tasks[task_id] = (first, *more)
        _count_inner(run, task_id)
        for task in run.tasks[task_id]:
            self.by_id[task.id] = task
            self._enter(task)
        run.lengths.clear()
        run.stirred.update(run.tasks[task_id])
        for child in run.graph.downstream.get(task_id, ()):
            if task_id in run.graph.inner.get(child, ()):
                _count_inner(run, child)
                run.stirred.update(run.tasks.get(child, ()))
            elif child in run.tasks:
                run.upstream[child] += _counts(more)
                run.dirty.add(child)
        self.dirty_runs.add(run.pk)

    def _enter(self, task: Task) -> None:
        run, state = task.run, task.state
        if state in FINISHED:
            self._tell_downstream(task, 1)
            run.failed += state is TaskState.FAILED
            return
        run.unfinished += 1
        if state in OCCUPYING:
            self._occupy(task, 1)
        elif state is TaskState.SCHEDULED:
            task.place = place_of(task)
            insort(self.lanes.setdefault(lane_of(task), []), task.place)
        elif task.retry_at is not None:
            insort(self.timers, (task.retry_at, task.id))
        if state is TaskState.DEFERRED:
            self._count_deferred(task, 1)

    def _leave(self, task: Task) -> None:
        run, state = task.run, task.state
        if state in FINISHED:
            self._tell_downstream(task, -1)
            run.failed -= state is TaskState.FAILED
            return
        run.unfinished -= 1
        if state in OCCUPYING:
            self._occupy(task, -1)
        elif state is TaskState.SCHEDULED and task.place is not None:
            lane = lane_of(task)
            _discard(self.lanes[lane], task.place)
            if not self.lanes[lane]:
                del self.lanes[lane]
            task.place = None
        elif task.retry_at is not None:
            _discard(self.timers, (task.retry_at, task.id))
        if state is TaskState.DEFERRED:
            self._count_deferred(task, -1)

    def _count_deferred(self, task: Task, by: int) -> None:
        self.deferred += by
        self.pool_deferred[task.spec.pool] += by * task.spec.pool_slots

    def _occupy(self, task: Task, by: int) -> None:
        run, spec = task.run, task.spec
        self.used += by
        run.occupying += by
        self.pool_used[spec.pool] += by * spec.pool_slots
        self.dag_used[run.dag_id] += by
        self.task_used[run.dag_id, spec.task_id] += by
        run.task_used[spec.task_id] += by

    def _tell_downstream(self, task: Task, by: int) -> None:
        run = task.run
        task_id, inner = task.spec.task_id, run.graph.inner
        for child in run.graph.downstream.get(task_id, ()):
            if task_id in inner.get(child, ()):
                for other in run.after(child, task):
                    if other.inner is not None:
                        tally(other.inner, task, task.state, by)
            elif (counts := run.upstream.get(child)) is not None:
                tally(counts, task, task.state, by)


def _at(instances: tuple[Task, ...], map_index: int) -> tuple[Task, ...]:
    """Return the instance of an index, as a tuple of one or none."""
    place = max(map_index, 0)
    if place < len(instances) and instances[place].map_index == map_index:
        return instances[place : place + 1]
    return tuple(task for task in instances if task.map_index == map_index)


def _only_waits(task: Task) -> bool:
    """Say whether a task cannot do anything yet, since nothing at all before it has ended.

    It may say no of one that cannot, either. With this the first look at a run costs as much as
    it has beginnings.
    """
    run, task_id = task.run, task.spec.task_id
    if task_id in run.graph.setups or task_id in run.graph.sources:
        return False
    shared, rule = run.upstream[task_id], task.spec.trigger_rule
    done = shared.done + (task.inner.done if task.inner is not None else 0)
    total = shared.total + (task.inner.total if task.inner is not None else 0)
    return total > 0 and done == 0 and rule not in ("always", "dummy")


def _outer(run: Run, task_id: str) -> Iterator[Task]:
    """Yield the instances of upstream tasks that count for all instances of a task."""
    inner = run.graph.inner.get(task_id, ())
    for parent in run.tasks[task_id][0].spec.upstream:
        if parent not in inner:
            yield from run.tasks.get(parent, ())


def _count_inner(run: Run, task_id: str) -> None:
    """Count anew, for each instance of a task, those before it that are its own."""
    inner = run.graph.inner.get(task_id)
    if inner is None:
        return
    for task in run.tasks.get(task_id, ()):
        others = [other for parent in inner for other in run.before(parent, task)]
        task.inner = _counts(others)
        for other in others:
            if other.state in FINISHED:
                tally(task.inner, other, other.state, 1)


def _counts(parents: Iterable[Task]) -> Upstream:
    """Count upstream tasks, and the setups among them."""
    setups = [task.spec.is_setup for task in parents]
    return Upstream(len(setups), setups=sum(setups))


def foreseen(
    last: Interval | None, dues: Sequence[Due], is_all: bool
) -> dict[Interval | None, Due | None]:
    """Return which run follows which interval, if `dues` follow `last` in this order."""
    before: list[Interval | None] = [
        last,
        *((due.interval_start, due.interval_end) for due in dues),
    ]
    following: list[Due | None] = [*dues, None] if is_all else list(dues)
    return dict(zip(before, following, strict=False))


def tally(counts: Upstream, task: Task, state: TaskState, by: int) -> None:
    """Add `by` to the count of a finished upstream task's state."""
    setattr(counts, state.value, getattr(counts, state.value) + by)
    if task.spec.is_setup and state is TaskState.SUCCESS:
        counts.setups_success += by
    elif task.spec.is_setup and state is TaskState.SKIPPED:
        counts.setups_skipped += by


def lane_of(task: Task) -> Lane:
    """Return the lane in which a ready task waits: with those that share all its limits."""
    spec, run = task.spec, task.run
    own: tuple[object, ...] = ()
    if spec.max_active_tis_per_dagrun is not None:
        own = (spec.task_id, spec.max_active_tis_per_dag, run.pk)
    elif spec.max_active_tis_per_dag is not None:
        own = (spec.task_id, spec.max_active_tis_per_dag)
    if run.backfill is not None:  # a pause of the DAG does not stop it
        own = (*own, "backfill")
    return (spec.pool, spec.pool_slots, run.dag_id, own)


def place_of(task: Task) -> Place:
    """Return where a ready task stands: heavier first, then older runs, then the DAG's order."""
    run = task.run
    return (
        -run.graph.weights[task.spec.task_id],
        run.logical_date.timestamp(),
        run.pk,
        run.graph.order[task.spec.task_id],
        task.id,
    )


def _discard(items: list[Any], item: Any) -> None:
    at = bisect_left(items, item)
    if at < len(items) and items[at] == item:
        del items[at]


def _remove(sets: dict[Any, set[int]], key: object, item: int) -> None:
    """Take an item out of a set of sets; one that is empty goes."""
    sets[key].discard(item)
    if not sets[key]:
        del sets[key]
