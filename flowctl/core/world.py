"""What the scheduler knows: the unfinished runs, the DAGs, the room left, each ready to be asked.

A `World` is a plain, mutable memory of facts that are already true in the metastore. It keeps
counters and sorted lists beside them, so that a decision costs as much as what changed and not as
much as there is. Facts come in through `put_run`, `put_dag` and `change`; nothing here decides.
Those that a written plan brings come through `fulfilment`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flowctl.core.assets import Key, is_met
from flowctl.core.backfill import Backfill
from flowctl.core.census import Census
from flowctl.core.dag import Calendar, Dag, foreseen
from flowctl.core.drain import Drain
from flowctl.core.headroom import Budget, expectation
from flowctl.core.lanes import Lanes
from flowctl.core.ordered import Ordered
from flowctl.core.plan import Release
from flowctl.core.run import Run, Task
from flowctl.core.states import ENDED_ATTEMPT, FINISHED, OCCUPYING, RunState, TaskState
from flowctl.core.tallies import count_inner, counts, only_waits, outer, tell_downstream
from flowctl.core.timetables import Due, Interval
from flowctl.core.usage import Pool, Usage


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
        self.calendar = Calendar()
        self.news: Mapping[str, Collection[Key]] = {}  # assets that are new for a DAG
        self.updated: set[str] = set()  # DAGs whose condition over assets is met
        self.watching: set[str] = set()  # DAGs that describe watchers of assets
        self.runs: dict[int, Run] = {}
        self.runs_of: dict[str, set[int]] = defaultdict(set)  # by DAG
        self.successors: dict[int, set[int]] = defaultdict(set)
        self.dirty_runs: set[int] = set()
        self.census = Census()
        self.backfills: dict[int, Backfill] = {}  # the open ones
        self.by_id: dict[int, Task] = {}
        self.lanes = Lanes()
        self.timers: Ordered[tuple[datetime, int]] = Ordered()  # retry_at, task id
        self.holds: Ordered[tuple[datetime, int, int]] = Ordered()  # until, run, task id or 0
        self.pools: dict[str, Pool] = {}
        self.usage = Usage()
        self.drain: Drain | None = None  # nothing new starts
        self.full_disks: tuple[str, ...] = ()  # what lies on disks that are full: neither then
        self.memory: Budget | None = None  # None: it does not matter
        self.peaks: dict[tuple[str, str], int] = {}  # what is expected of tasks that took much
        self.has_hungry = False  # some task counts, or counted, with its memory

    @property
    def stop(self) -> str | None:
        """Say why nothing at all starts, or None."""
        if self.drain is not None:
            return self.drain.reason
        if self.full_disks:
            what = " and ".join(self.full_disks)
            return f"the disk with {what} is full: nothing new starts until there is room on it"
        return None

    # ------------------------------------------------------------------ DAGs

    def put_dag(self, dag: Dag) -> None:
        """Learn of a new DAG, a new version, a pause or another next date."""
        self.dags[dag.dag_id] = dag
        self.calendar.put(dag)
        self._weigh_news(dag.dag_id)
        self.watching.discard(dag.dag_id)
        if any(asset.watchers for asset in dag.graph.spec.assets):
            self.watching.add(dag.dag_id)
        self.dirty_runs |= self.runs_of.get(dag.dag_id, set())

    def drop_dag(self, dag_id: str) -> None:
        """Forget a DAG whose file is gone. Its runs stay until they end."""
        self.calendar.drop(dag_id)
        self.dags.pop(dag_id, None)
        self.updated.discard(dag_id)
        self.watching.discard(dag_id)

    def set_due(self, dag_id: str, due: Due | None) -> None:
        """Learn when the next scheduled run of a DAG is due; None: never."""
        dag = self.dags[dag_id]
        dag.due, dag.is_due_known = due, True
        self.calendar.put(dag)

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
        dag = self.dags[dag_id]
        dag.foreseen, dag.due, dag.is_due_known = {}, None, False
        self.calendar.put(dag)

    def learn(self, task: Task, peak_bytes: int) -> None:
        """Learn what an attempt of a task took at most; 0: nothing much."""
        key = (task.run.dag_id, task.spec.task_id)
        before = self.peaks.pop(key, 0)
        if expected := expectation(before, peak_bytes):
            self.peaks[key] = expected

    # ------------------------------------------------------------------ runs

    def put_run(self, run: Run) -> None:
        """Learn of a run, or learn all of it anew."""
        self.drop_run(run.pk)
        self.runs[run.pk] = run
        self.runs_of[run.dag_id].add(run.pk)
        self.census.count(run, 1)
        for task_id in run.tasks:
            run.upstream[task_id] = counts(outer(run, task_id))
        for task in run.instances:
            self.by_id[task.id] = task
            self._enter(task)
        for task_id in run.graph.inner:
            count_inner(run, run.tasks.get(task_id, ()))
        for until, ti_id in _holds_that_end(run):
            self.holds.add((until, run.pk, ti_id))
        self._stir_waiting(run, run.instances)
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
        for until, ti_id in _holds_that_end(run):
            self.holds.drop((until, pk, ti_id))
        for task in run.instances:
            self._leave(task)
            del self.by_id[task.id]
        self.census.count(run, -1)
        self.dirty_runs.discard(pk)
        if run.previous_pk is not None:
            _remove(self.successors, run.previous_pk, pk)

    def change_run(self, run: Run, state: RunState, at: datetime) -> None:
        """Learn that a run moved to `state` at a moment."""
        self.census.count(run, -1)
        run.state = state
        if state is RunState.RUNNING:
            run.start_date = at
        self.census.count(run, 1)
        self.dirty_runs.add(run.pk)

    def is_wanted(self, run: Run) -> bool:
        """Say whether a run must stay in memory: unfinished, or needed by a later one."""
        return not run.is_finished or bool(self.successors.get(run.pk))

    def _stir_waiting(self, run: Run, tasks: Iterable[Task]) -> None:
        """Have those of these tasks looked at that have not begun and might."""
        for task in tasks:
            if task.state is TaskState.NONE and not only_waits(task):
                run.stir(task)
                run.dirty.add(task.spec.task_id)
        self.dirty_runs.add(run.pk)

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

    def release(self, release: Release) -> None:
        """Learn that a hold ended by itself."""
        run = self.runs[release.run_pk]
        self.holds.drop((release.until, run.pk, release.ti_id or 0))
        if release.ti_id is None:
            run.hold = None
            self._stir_waiting(run, run.instances)
        else:
            task = self.by_id[release.ti_id]
            task.hold = None
            self._stir_waiting(run, (task,))

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
        """Learn of instances of a mapped task that were made.

        Args:
            ids: in the order of indexes; the first time with that of the one instance before.
        """
        there = run.tasks[task_id]
        first, is_new = there[0], there[0].map_index < 0
        if is_new:
            self._leave(first)
            first.map_index = 0
            count_inner(run, there)
            self._enter(first)
        added = tuple(
            Task(one, run, first.spec, max_tries=first.max_tries, map_index=index)
            for index, one in enumerate(ids[is_new:], start=len(there))
        )
        run.tasks[task_id] = (*there, *added)
        count_inner(run, added)
        for task in added:
            self.by_id[task.id] = task
            self._enter(task)
        if task_id in run.graph.fed:
            run.lengths.clear()
        run.stirred.update(there[:1] if run.lacking(task_id) else run.tasks[task_id])
        for child in run.graph.downstream.get(task_id, ()):
            if task_id in run.graph.inner.get(child, ()):
                others = (
                    run.tasks.get(child, ())
                    if is_new
                    else [one for task in added for one in run.after(child, task)]
                )
                count_inner(run, others)
                run.stirred.update(others)
            elif child in run.tasks:
                run.upstream[child] += counts(added)
                run.dirty.add(child)
        self.dirty_runs.add(run.pk)

    def _enter(self, task: Task) -> None:
        run, state = task.run, task.state
        if state in FINISHED:
            tell_downstream(task, 1)
            run.failed += state is TaskState.FAILED
            return
        run.unfinished += 1
        task.expected_bytes = task.spec.memory_bytes or 0
        if self.peaks and not task.expected_bytes:
            task.expected_bytes = self.peaks.get((run.dag_id, task.spec.task_id), 0)
        if task.expected_bytes:
            self.has_hungry = True
        if state in OCCUPYING:
            self.usage.occupy(task, 1)
        elif state is TaskState.SCHEDULED:
            self.lanes.put(task)
        elif task.retry_at is not None:
            self.timers.add((task.retry_at, task.id))
        if state is TaskState.DEFERRED:
            self.usage.defer(task, 1)

    def _leave(self, task: Task) -> None:
        run, state = task.run, task.state
        if state in FINISHED:
            tell_downstream(task, -1)
            run.failed -= state is TaskState.FAILED
            return
        run.unfinished -= 1
        if state in OCCUPYING:
            self.usage.occupy(task, -1)
        elif state is TaskState.SCHEDULED:
            self.lanes.drop(task)
        elif task.retry_at is not None:
            self.timers.drop((task.retry_at, task.id))
        if state is TaskState.DEFERRED:
            self.usage.defer(task, -1)


def _holds_that_end(run: Run) -> Iterator[tuple[datetime, int]]:
    """Return until when the run is held, as 0, and each task instance of it that is."""
    if run.hold is not None and run.hold.until is not None:
        yield run.hold.until, 0
    for task in run.instances:
        if task.hold is not None and task.hold.until is not None:
            yield task.hold.until, task.id


def _remove(sets: dict[Any, set[int]], key: object, item: int) -> None:
    """Take an item out of a set of sets; one that is empty goes."""
    sets[key].discard(item)
    if not sets[key]:
        del sets[key]
