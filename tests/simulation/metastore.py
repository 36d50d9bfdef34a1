"""A make-believe metastore: rows, guards and revisions as `flowctl.store` keeps them, and no SQL.

What it says is true. It may be away, and a commit may come true though its writer never hears so.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core import attempt
from flowctl.core.dag import Dag, later
from flowctl.core.drain import Drain
from flowctl.core.plan import Expansion, NewRun, Plan
from flowctl.core.run import Run, Task
from flowctl.core.states import FINISHED, LIVE, TIMED, RunState, RunType, TaskState
from flowctl.core.timetables import Due, Interval
from flowctl.core.world import World
from flowctl.runner.facts import told
from flowctl.runner.messages import Facts, RunFact, TaskFact
from flowctl.store.applied import Applied
from flowctl.store.outcomes import Superseded
from flowctl.store.run_reader import decision
from tests.simulation.dates import Dates

MADE_AT_ONCE = 3  # task instances of a scheduled run; the others are made in further steps
Key = tuple[int, int]


class Away(Exception):
    """The metastore does not answer; what was asked for may have come true."""


class Deposed(Exception):
    """Another scheduler leads."""


@dataclass(slots=True)
class Row:
    """A task instance."""

    id: int
    run_pk: int
    task_id: str
    max_tries: int
    map_index: int = -1
    state: TaskState = TaskState.NONE
    try_number: int = 0
    resumed: int = 0
    retry_at: datetime | None = None
    waiting_since: datetime | None = None
    next_method: str | None = None
    left: int | None = None
    followed: frozenset[str] | None = None


@dataclass(slots=True)
class RunRow:
    """A run, with its task instances by id."""

    pk: int
    of: Dag
    logical_date: datetime
    due: Due | None = None  # None: a person started it
    state: RunState = RunState.QUEUED
    reason: str = ""
    made: int | None = None  # how many of its tasks have instances; None: all
    start_date: datetime | None = None
    revision: int = 0
    rows: dict[int, Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt left its task instance."""

    run_pk: int
    key: Key
    state: TaskState
    at: datetime
    retry_at: datetime | None = None
    followed: frozenset[str] | None = None
    left: int | None = None

    def as_handed(self) -> attempt.Ended:
        """Return what a runner hands over."""
        branch = None if self.followed is None else json.dumps({"followed": [*self.followed]})
        outcome = attempt.Outcome(*self.key, self.state, self.at, self.at, branch=branch)
        outcome.retry_at, outcome.length = self.retry_at, self.left
        if self.left is not None:
            outcome.xcoms = {XCOM_RETURN_KEY: "..."}
        return attempt.Ended(self.run_pk, outcome, "")

    @classmethod
    def of(cls, entry: attempt.Ended) -> "Ended":
        """Return what was handed over."""
        outcome, fact = entry.outcome, told(entry.outcome)
        return cls(
            entry.run_pk,
            entry.key,
            outcome.state,
            outcome.ended_at,
            outcome.retry_at,
            decision(outcome.branch)[0],
            fact.left,
        )


class Metastore:
    """See the module."""

    def __init__(self, dags: Sequence[Dag], runs_each: int, start: datetime) -> None:
        self._ids = count(1)
        self.dags = {dag.dag_id: dag for dag in dags}
        self.pauses = dict.fromkeys(self.dags, (False, False))  # by DAG: is paused, drains
        self.dag_revisions = dict.fromkeys(self.dags, 0)
        self.passed: dict[str, Interval] = {}  # by DAG: up to where runs are never made
        self.drain: Drain | None = None
        self.dates = Dates(dags)
        self.term = 0
        self.fails_next = 0  # so many transactions do not come true
        self.lies_next = 0  # so many come true, and nobody is told
        self.runs: dict[int, RunRow] = {}
        self.rows: dict[int, Row] = {}
        for number in range(runs_each):
            for dag in dags:
                if dag.graph.spec.schedule.kind == "none":
                    self._make_run(dag, start - timedelta(days=runs_each - number))

    def _make_run(self, dag: Dag, logical_date: datetime, due: Due | None = None) -> RunRow:
        run = RunRow(next(self._ids), dag, logical_date, due)
        self.runs[run.pk] = run
        self._make_tasks(run, 0, MADE_AT_ONCE if due else None)
        return run

    def _make_tasks(self, run: RunRow, there: int, limit: int | None) -> None:
        specs = run.of.graph.spec.tasks[there:][:limit]
        for spec in specs:
            self._add(run, spec.task_id, -1)
        run.made = there + len(specs) if len(specs) == limit else None

    def _add(self, run: RunRow, task_id: str, map_index: int) -> Row:
        spec = run.of.graph.tasks[task_id]
        row = Row(next(self._ids), run.pk, task_id, spec.retries, map_index)
        self.rows[row.id] = run.rows[row.id] = row
        return row

    def _commit(self) -> None:
        """Begin a transaction.

        Raises:
            Away: it does not come true.
        """
        if self.fails_next:
            self.fails_next -= 1
            raise Away

    def _acknowledge(self) -> None:
        """End a transaction.

        Raises:
            Away: it came true, and the connection broke.
        """
        if self.lies_next:
            self.lies_next -= 1
            raise Away

    def _raise(self, pks: Iterable[int]) -> dict[int, int]:
        raised = {}
        for pk in pks:
            self.runs[pk].revision += 1
            raised[pk] = self.runs[pk].revision
        return raised

    # ------------------------------------------------------------------ read

    def read(self, pk: int) -> Run:
        """Return a run as a scheduler reads it."""
        row = self.runs[pk]
        run = Run(
            pk=pk,
            dag_id=row.of.dag_id,
            run_id=f"run_{pk}",
            run_type=RunType.SCHEDULED if row.due else RunType.MANUAL,
            state=row.state,
            logical_date=row.logical_date,
            graph=row.of.graph,
            version=row.of.version,
            revision=row.revision,
            start_date=row.start_date,
            ending=row.reason if row.state is RunState.RUNNING else "",
            made=row.made,
            is_whole=row.made is None,
            previous_pk=self.previous(pk),
        )
        run.take(_task(run, one) for one in row.rows.values() if one.state != TaskState.REMOVED)
        return run

    def read_dag(self, dag_id: str) -> Dag:
        """Return a DAG as a scheduler reads it."""
        made, of = self.dags[dag_id], [run for run in self.runs.values() if run.due]
        dues = {run.logical_date: run.due for run in of if run.of is made and run.due}
        last = dues[max(dues)].interval if dues else None
        is_paused, drains = self.pauses[dag_id]
        return Dag(
            dag_id,
            made.graph,
            version=made.version,
            is_paused=is_paused,
            drains=drains,
            revision=self.dag_revisions[dag_id],
            last_interval=later(last, self.passed.get(dag_id)),
        )

    def previous(self, pk: int) -> int | None:
        """Return the run before, where a task depends on it."""
        row = self.runs[pk]
        if not any(task.depends_on_past for task in row.of.graph.spec.tasks):
            return None
        earlier = [
            (other.logical_date, other.pk)
            for other in self.runs.values()
            if other.of is row.of and other.logical_date < row.logical_date
        ]
        return max(earlier)[1] if earlier else None

    # ------------------------------------------------------------------ the scheduler writes

    def apply(
        self,
        plan: Plan,
        world: World,
        term: int,
        now: datetime,
        ended: Sequence[attempt.Ended] = (),
    ) -> Applied:
        """Write a plan, and what ended before it.

        Raises:
            Deposed: `term` is not that of the leader.
            Superseded: what ended was recorded before, or does not count; nothing is written.
            Away: see there.
        """
        self._commit()
        self._hold(term)
        if not all(self._counts(entry.key) for entry in ended):
            raise Superseded
        for entry in ended:
            assert self._end(Ended.of(entry))
        self.dates.check(plan, world, self.runs.values(), now)
        applied = Applied()
        touched = {move.run_pk for moves in (plan.moves, plan.run_moves) for move in moves}
        touched |= {entry.run_pk for entry in ended}
        applied.revisions = self._raise(touched | {one.run_pk for one in plan.expansions})
        for move in plan.moves:
            row = self.rows[move.ti_id]
            if self._may_move(row, move.old):
                applied.moved.add(row.id)
                row.state, row.retry_at = move.new, None
                if move.new in FINISHED or move.new is TaskState.QUEUED:
                    row.try_number = move.try_number
                    row.resumed += move.resumes
                    row.max_tries += move.resumes
            else:
                applied.surprises.add(move.run_pk)
        self._move_runs(plan, world, applied, now)
        for expansion in plan.expansions:
            ids = self._expand(world.runs[expansion.run_pk], expansion)
            if ids:
                applied.expanded.append((expansion, ids))
            else:
                applied.surprises.add(expansion.run_pk)
        self.passed |= {one.dag_id: one.last.interval for one in plan.passed}
        applied.new_runs += [pk for pk in map(self._create, plan.new_runs) if pk is not None]
        self._acknowledge()
        return applied

    def _create(self, new: NewRun) -> int | None:
        """Make a scheduled run; None: there is one of that date."""
        dag, date = self.dags[new.dag_id], new.due.logical_date
        if any(run.of is dag and run.logical_date == date for run in self.runs.values()):
            return None
        return self._make_run(dag, date, new.due).pk

    def go_on(self, run: Run, term: int) -> bool:
        """Make more task instances of a run; say whether nobody else moved it meanwhile.

        Raises:
            Deposed: `term` is not that of the leader.
            Away: see there.
        """
        self._commit()
        self._hold(term)
        row = self.runs[run.pk]
        if row.made is None or row.made != run.made or _has_ended(row):
            return False
        row.revision += 1
        self._make_tasks(row, row.made, MADE_AT_ONCE)
        self._acknowledge()
        run.made, run.revision = row.made, row.revision
        return True

    def _hold(self, term: int) -> None:
        if term != self.term:
            raise Deposed

    def _may_move(self, row: Row, old: TaskState) -> bool:
        return row.state is old

    def _move_runs(self, plan: Plan, world: World, applied: Applied, now: datetime) -> None:
        for move in plan.run_moves:
            run = self.runs[move.run_pk]
            expected = world.runs[run.pk].revision + 1
            goes_on = move.new is RunState.RUNNING
            if run.state is not move.old or not (goes_on or run.revision == expected):
                applied.surprises.add(run.pk)
                continue
            run.state, run.reason = move.new, move.reason
            if goes_on and move.old is not RunState.RUNNING:
                run.start_date = now

    def _expand(self, known: Run, expansion: Expansion) -> list[int]:
        run, there = self.runs[known.pk], known.expanded(expansion.task_id)
        found = [row for row in run.rows.values() if row.task_id == expansion.task_id]
        ids = []
        if not there:
            (first,) = found[:1]
            if len(found) > 1 or first.map_index != -1 or first.state is not TaskState.NONE:
                return []
            first.map_index = 0
            ids.append(first.id)
        elif len(found) != there:
            return []
        for index in range(max(1, there), expansion.upto):
            ids.append(self._add(run, expansion.task_id, index).id)
        return ids

    # ------------------------------------------------------------------ the runner writes

    def record(self, started: Sequence[tuple[int, Key]], ended: Sequence[Ended]) -> Facts:
        """Write what became of attempts; return what a runner tells its scheduler.

        Raises:
            Away: see there.
        """
        self._commit()
        pks = {pk for pk, _ in started} | {one.run_pk for one in ended}
        revisions, moved = self._raise(pks), defaultdict(list)
        surprises = set()
        for pk, (ti_id, number) in started:
            row = self.rows[ti_id]
            if row.try_number == number and row.state is TaskState.QUEUED:
                row.state = TaskState.RUNNING
            else:
                surprises.add(pk)
            moved[pk].append(TaskFact(ti_id, number, TaskState.RUNNING))
        for one in ended:
            if not self._end(one):
                surprises.add(one.run_pk)
            moved[one.run_pk].append(self._fact(one))
        self._acknowledge()
        return Facts(
            [RunFact(pk, revisions[pk], moved[pk], is_all=pk not in surprises) for pk in revisions]
        )

    def _counts(self, key: Key) -> bool:
        row = self.rows[key[0]]
        return row.try_number == key[1] and row.state in LIVE

    def _end(self, one: Ended) -> bool:
        row = self.rows[one.key[0]]
        if row.try_number != one.key[1]:
            return False
        if row.state is TaskState.RESTARTING:
            row.state, row.waiting_since, row.next_method = TaskState.NONE, None, None
            return False
        if not self._counts(one.key):
            return False
        row.state, row.retry_at, row.followed, row.left = (
            one.state,
            one.retry_at,
            one.followed,
            one.left,
        )
        paused = one.state in (TaskState.UP_FOR_RESCHEDULE, TaskState.DEFERRED)
        row.waiting_since = (row.waiting_since or one.at) if paused else None
        row.next_method = "resume" if one.state is TaskState.DEFERRED else None
        return True

    def _fact(self, one: Ended) -> TaskFact:
        row = self.rows[one.key[0]]
        paused = one.state in (TaskState.UP_FOR_RESCHEDULE, TaskState.DEFERRED)
        branch = None
        if one.followed is not None:
            branch = '{"followed": [' + ",".join(f'"{name}"' for name in one.followed) + "]}"
        return TaskFact(
            *one.key,
            one.state,
            one.retry_at,
            (row.waiting_since or one.at) if paused else None,
            one.left,
            "resume" if one.state is TaskState.DEFERRED else None,
            branch,
        )

    # ------------------------------------------------------------------ others write

    def fire(self, row: Row) -> None:
        """Let the trigger of a deferred task fire."""
        row.state, row.retry_at = TaskState.SCHEDULED, None
        self._raise([row.run_pk])

    def pause(self, dag_id: str, *, is_paused: bool, drains: bool) -> None:
        """Let a person pause a DAG, or let it go on."""
        self.pauses[dag_id] = (is_paused, drains)
        self.dag_revisions[dag_id] += 1

    def clear(self, row: Row) -> None:
        """Let a person clear a task, whatever it does."""
        if row.state in FINISHED and row.state is not TaskState.REMOVED:
            row.state, row.max_tries = TaskState.NONE, row.try_number + row.max_tries
            row.waiting_since = row.next_method = row.followed = None
            self.runs[row.run_pk].state = RunState.QUEUED
            self.runs[row.run_pk].reason = ""
        elif row.state is TaskState.RUNNING:
            row.state = TaskState.RESTARTING
        self._raise([row.run_pk])


def _has_ended(row: RunRow) -> bool:
    return row.state in (RunState.SUCCESS, RunState.FAILED)


def _task(run: Run, row: Row) -> Task:
    return Task(
        id=row.id,
        run=run,
        spec=run.graph.tasks[row.task_id],
        state=row.state,
        try_number=row.try_number,
        max_tries=row.max_tries,
        resumed=row.resumed,
        map_index=row.map_index,
        retry_at=row.retry_at if row.state in TIMED else None,
        waiting_since=row.waiting_since,
        next_method=row.next_method,
        followed=row.followed,
        left=row.left if row.state is TaskState.SUCCESS else None,
    )
