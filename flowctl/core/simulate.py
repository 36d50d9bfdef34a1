"""What will run when? The scheduler's own decisions, played under a clock of their own.

`tick.decide` says what happens, as it does for the scheduler; this module lets it come true at
once, and lets each attempt end after a guessed time. What it leaves out is said here: every attempt
succeeds at its first try, branches skip nothing, a deferred task keeps its slot, and who was there
before the beginning is not: neither unfinished runs nor those that are still to be caught up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from flowctl.core.assets import ASSET, NAME, Condition, Key, keys
from flowctl.core.dag import Dag
from flowctl.core.fulfilment import absorb
from flowctl.core.load import Load
from flowctl.core.new_runs import overlap_of, scheduled_run_id
from flowctl.core.plan import PassedOver, Plan
from flowctl.core.run import Run, Task
from flowctl.core.slots import EXECUTOR, Room
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.states import FINISHED, RunState, RunType, TaskState
from flowctl.core.tick import decide
from flowctl.core.timetables import Asked, Due
from flowctl.core.timetables.kinds import timetable_of
from flowctl.core.world import World

NOT_FORESEEN = "its timetable is code of the DAG file, which is not run for this"


class TooLong(Exception):
    """More happens than anybody wanted to wait for."""


@dataclass(frozen=True)
class Guess:
    """What attempts are taken to do."""

    default: timedelta
    """How long a task takes of which nothing is known."""
    took: Mapping[tuple[str, str], timedelta] = field(default_factory=dict)
    """How long an attempt takes, by DAG and task."""
    left: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many elements a result has that others are mapped over, by DAG and task; else one."""


@dataclass(slots=True)
class Foreseen:
    """One run."""

    dag_id: str
    run_id: str
    run_type: RunType
    logical_date: datetime
    due: datetime
    start: datetime | None = None  # None: not within the time that was played
    end: datetime | None = None
    state: RunState = RunState.QUEUED


@dataclass(frozen=True, slots=True)
class Wait:
    """A task that was ready, or a run that was due, and had to wait for room."""

    limit: str
    dag_id: str
    run_id: str
    task: str  # with its index; "": the run as a whole
    since: datetime
    until: datetime | None  # None: it still waits at the end


class Simulation:
    """A stretch of time, played once.

    Args:
        world: the DAGs and pools, and no runs. It is used up.
        begin: the first moment, aware UTC.
        end: the first moment that is not played.
    """

    def __init__(self, world: World, guess: Guess, begin: datetime, end: datetime) -> None:
        self.world = world
        self.begin = begin
        self.end = end
        self.runs: list[Foreseen] = []
        self.waits: list[Wait] = []
        self.passed: list[PassedOver] = []
        self.load = Load(world)
        self.left_out: dict[str, str] = {}  # DAGs, each with why it is not foreseen
        self.unknown: set[tuple[str, str]] = set()  # tasks that ran, and have no history
        self.guess = guess
        self._ids = count(1)
        self._ends: list[tuple[datetime, int]] = []  # of attempts: when, task instance
        self._records: dict[int, Foreseen] = {}
        self._waiting: dict[int, tuple[str, datetime]] = {}  # task instance -> limit, since when
        self._latest: dict[str, int] = {}  # of DAGs whose tasks depend on the run before: its run
        self._listeners: dict[Key, list[str]] = defaultdict(list)  # asset -> DAGs
        for dag in list(world.dags.values()):
            self._begin_dag(dag)

    def _begin_dag(self, dag: Dag) -> None:
        spec = dag.graph.spec
        if spec.schedule.kind == "own":
            self.left_out[dag.dag_id] = NOT_FORESEEN
        for key in keys(spec.schedule.condition) if spec.schedule.condition else ():
            self._listeners[key].append(dag.dag_id)
        if dag.last_interval is not None and dag.last_interval[1] > self.begin:
            dag.last_interval = None
        self.world.set_due(dag.dag_id, self._first_due(dag))

    def _first_due(self, dag: Dag) -> Due | None:
        """Return the first run that is due at the beginning or later."""
        spec, last = dag.graph.spec, dag.last_interval
        timetable = timetable_of(spec.schedule)
        if not timetable.can_be_scheduled or spec.schedule.kind == "own":
            return None
        while True:
            asked = Asked(last, spec.start_date, spec.end_date, False, self.begin)
            due = timetable.next_due(asked)
            if due is None or due.run_after >= self.begin:
                return due
            last = (due.interval_start, due.interval_end)

    # ------------------------------------------------------------------ time

    def play(self, moves_max: int | None = None) -> None:
        """Play from the beginning to the end.

        Raises:
            TooLong: that takes more than `moves_max`, of task instances and looks together.
        """
        now: datetime | None = self.begin
        moves = 0
        while now is not None and now < self.end:
            self._end_attempts(now)
            plan = decide(self.world, now)
            moves += 1 + len(plan.moves)
            if moves_max is not None and moves > moves_max:
                raise TooLong(f"by {now:%Y-%m-%d %H:%M %Z} there are more than {moves_max} steps")
            self._come_true(plan, now)
            self.load.note(now)
            now = self._next(plan, now)
        self._give_up_waiting()

    def _next(self, plan: Plan, now: datetime) -> datetime | None:
        moments = [self._ends[0][0]] if self._ends else []
        if plan.next_look is not None:
            moments.append(max(plan.next_look, now))
        return min(moments, default=None)

    def _end_attempts(self, now: datetime) -> None:
        updated: set[Key] = set()
        while self._ends and self._ends[0][0] <= now:
            task = self.world.by_id.get(heappop(self._ends)[1])
            if task is None or task.state in FINISHED:
                continue  # it was stopped
            left = None
            if task.spec.task_id in task.run.graph.fed:
                left = self.guess.left.get((task.run.dag_id, task.spec.task_id), 1)
            self.world.change(task, TaskState.SUCCESS, left=left)
            for outlet in task.spec.outlets:
                updated |= _updates(task.run.graph.spec, outlet)
        if updated:
            self._tell(updated)

    def _tell(self, updated: set[Key]) -> None:
        """Let assets be new for the DAGs that wait for them."""
        news = {dag_id: set(new) for dag_id, new in self.world.news.items()}
        for key in updated & self._listeners.keys():
            for dag_id in self._listeners[key]:
                news.setdefault(dag_id, set()).add(key)
        self.world.put_news(news)

    # ------------------------------------------------------------------ the plan comes true

    def _come_true(self, plan: Plan, now: datetime) -> None:
        world = self.world
        absorb(world, plan, now)
        for expansion in plan.expansions:
            run = world.runs[expansion.run_pk]
            there = run.expanded(expansion.task_id)
            ids = [] if there else [run.tasks[expansion.task_id][0].id]
            ids += [next(self._ids) for _ in range(max(1, there), expansion.upto)]
            world.expand(run, expansion.task_id, ids)
        self._note_moves(plan, now)
        self.passed += plan.passed
        for run_move in plan.run_moves:
            if run_move.new is not run_move.old:
                self._note_run(run_move.run_pk, run_move.new, now)
        for new in plan.new_runs:
            self._create(world.dags[new.dag_id], new.run_type, new.run_id, new.due, now)
        for dag_id in plan.asset_runs:
            due = Due.over(now, now)
            run_id = scheduled_run_id(due).replace("scheduled", "dataset_triggered", 1)
            self._create(world.dags[dag_id], RunType.DATASET_TRIGGERED, run_id, due, now)

    def _note_moves(self, plan: Plan, now: datetime) -> None:
        by_id, room = self.world.by_id, Room(self.world)
        for move in plan.moves:
            task = by_id[move.ti_id]
            if move.new in (TaskState.QUEUED, TaskState.DEFERRED):
                heappush(self._ends, (now + self._took(task), task.id))
            if move.new is TaskState.SCHEDULED:
                limit = room.limit(task)
                self._waiting[task.id] = (limit.name if limit else EXECUTOR, now)
            elif task.id in self._waiting:
                self._note_wait(task, now)

    def _took(self, task: Task) -> timedelta:
        name = (task.run.dag_id, task.spec.task_id)
        if name not in self.guess.took:
            self.unknown.add(name)
        return self.guess.took.get(name, self.guess.default)

    def _note_wait(self, task: Task, until: datetime | None) -> None:
        limit, since = self._waiting.pop(task.id)
        if until is None or until > since:
            run = task.run
            self.waits.append(Wait(limit, run.dag_id, run.run_id, task.name, since, until))

    def _note_run(self, pk: int, state: RunState, now: datetime) -> None:
        record = self._records[pk]
        record.state = state
        if state is not RunState.RUNNING:
            record.end = now
            self._forget(pk)
            return
        record.start = now
        if now > record.due:
            is_newest_only = overlap_of(self.world.dags[record.dag_id]).is_newest_only
            limit = "overlap" if is_newest_only else "max_active_runs"
            limit = f"{limit} of DAG {record.dag_id}"
            self.waits.append(Wait(limit, record.dag_id, record.run_id, "", record.due, now))

    def _forget(self, pk: int) -> None:
        """Let a run go that has ended, but for the latest of a DAG whose tasks look back."""
        run: Run | None = self.world.runs[pk]
        if self._latest.get(self.world.runs[pk].dag_id) == pk:
            run = self.world.runs.get(self.world.runs[pk].previous_pk or 0)
        if run is not None and run.is_finished:
            self._records.pop(run.pk, None)
            self.world.drop_run(run.pk)

    def _give_up_waiting(self) -> None:
        for ti_id in list(self._waiting):
            self._note_wait(self.world.by_id[ti_id], None)

    # ------------------------------------------------------------------ runs

    def _create(self, dag: Dag, run_type: RunType, run_id: str, due: Due, now: datetime) -> None:
        looks_back = any(task.depends_on_past for task in dag.graph.spec.tasks)
        run = Run(
            pk=next(self._ids),
            dag_id=dag.dag_id,
            run_id=run_id,
            run_type=run_type,
            state=RunState.QUEUED,
            logical_date=due.logical_date,
            graph=dag.graph,
            version=dag.version,
            data_interval_start=due.interval_start,
            data_interval_end=due.interval_end,
            queued_at=now,
            previous_pk=self._latest.get(dag.dag_id),
        )
        run.take(self._instances(run, dag.graph.spec.tasks))
        self.world.put_run(run)
        record = Foreseen(dag.dag_id, run_id, run_type, due.logical_date, due.run_after)
        self._records[run.pk] = record
        self.runs.append(record)
        if looks_back:
            self._latest[dag.dag_id] = run.pk

    def _instances(self, run: Run, specs: Iterable[TaskSpec]) -> Iterable[Task]:
        return (Task(next(self._ids), run, spec, max_tries=spec.retries) for spec in specs)


def _updates(spec: DagSpec, outlet: Condition) -> set[Key]:
    """Return all ways to name the asset that a task updates."""
    names = {asset.uri: asset.name for asset in spec.assets}
    found: set[Key] = {(outlet.kind, outlet.key)}
    if outlet.kind == ASSET and outlet.key in names:
        found.add((NAME, names[outlet.key]))
    if outlet.kind == NAME:
        found |= {(ASSET, uri) for uri, name in names.items() if name == outlet.key}
    return found
