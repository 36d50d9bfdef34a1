"""Random histories: the core decides, a make-believe metastore and executor go wrong in every way.

The metastore is what is true. The scheduler has a world of its own, which it loses when it crashes,
and which lags behind where facts are lost. Every rule of the promise is checked at each step.
"""

import random
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowctl.core.dag import Dag
from flowctl.core.plan import Plan
from flowctl.core.run import Run, Task
from flowctl.core.states import FINISHED, OCCUPYING, RunState, TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, run_of, task, world

RULES = ("all_success", "all_done", "one_success", "none_failed", "one_failed", "always")
PARALLELISM = 3
POOL_SLOTS = 2
RETRY_DELAY = timedelta(seconds=30)
FAULTY_STEPS = 40
QUIET_STEPS_MAX = 2000
Key = tuple[int, int]


@dataclass
class Row:
    """A task instance in the metastore."""

    state: TaskState = TaskState.NONE
    try_number: int = 0
    max_tries: int = 0
    retry_at: datetime | None = None


class History:
    """One story, told by a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = NOON
        self.dags = [self._dag(at) for at in range(self.chance.randint(1, 2))]
        made = [run_of(of, RunState.QUEUED) for of in self.dags for _ in range(2)]
        self.runs = {run.pk: run for run in made}
        self.run_rows = {run.pk: RunState.QUEUED for run in made}
        self.rows = {t.id: Row(max_tries=t.max_tries) for r in made for t in r.instances}
        self.live: set[Key] = set()
        self.began: list[Key] = []
        self.failures: dict[int, int] = dict.fromkeys(self.rows, 0)
        self.clears = 0
        self.world = self._read_all()
        self.stale: set[int] = set()

    def _dag(self, at: int) -> Dag:
        chance, tasks = self.chance, []
        for number in range(chance.randint(1, 6)):
            above = chance.sample(range(number), min(number, chance.randint(0, 2)))
            rule = chance.choice(RULES) if above else "all_success"
            given = {"trigger_rule": rule, "retries": chance.randint(0, 2)}
            pool = chance.choice(("default_pool", "small"))
            tasks.append(task(f"t{number}", *(f"t{up}" for up in above), pool=pool, **given))
        return dag(*tasks, dag_id=f"d{at}", max_active_runs=chance.randint(1, 2))

    # ------------------------------------------------------------------ the scheduler

    def _read_all(self) -> World:
        fresh = world(*deepcopy(self.dags), parallelism=PARALLELISM, small=POOL_SLOTS)
        for pk in self.runs:
            fresh.put_run(self._read(pk))
        return fresh

    def _read(self, pk: int) -> Run:
        run = deepcopy(self.runs[pk])
        run.state = self.run_rows[pk]
        for one in run.instances:
            row = self.rows[one.id]
            one.state, one.try_number, one.retry_at = row.state, row.try_number, row.retry_at
        return run

    def tick(self, crash: float) -> None:
        """Decide, commit, start; or crash before or after the commit."""
        for pk in self.stale:
            self.world.put_run(self._read(pk))
        self.stale = set()
        plan = decide(self.world, self.now)
        if self.chance.random() < crash:
            return self.restart()
        if self.chance.random() < crash:
            self.clear_one()  # between look and write
        moved = self._commit(plan)
        if self.chance.random() < crash:
            return self.restart()
        self.world.absorb(plan, self.now)
        self.stale |= {move.run_pk for move in plan.moves if move.ti_id not in moved}
        for move in plan.starts:
            if move.ti_id in moved:
                self._start((move.ti_id, move.try_number))
        return None

    def _commit(self, plan: Plan) -> set[int]:
        moved = set()
        for move in plan.moves:
            row = self.rows[move.ti_id]
            if row.state is move.old:
                row.state, row.try_number = move.new, move.try_number
                moved.add(move.ti_id)
        for run_move in plan.run_moves:
            is_end = run_move.new is not RunState.RUNNING
            if is_end and run_move.run_pk in self.stale:
                continue  # its revision says that somebody changed it since it was looked at
            if self.run_rows[run_move.run_pk] is run_move.old:
                self.run_rows[run_move.run_pk] = run_move.new
            else:
                self.stale.add(run_move.run_pk)
        return moved

    def restart(self) -> None:
        """Forget everything, read the metastore, order again what never began."""
        self.world, self.stale = self._read_all(), set()
        for ti_id, row in self.rows.items():
            key = (ti_id, row.try_number)
            if row.state is TaskState.QUEUED and key not in self.live:
                self._start(key)

    # ------------------------------------------------------------------ the executor

    def _start(self, key: Key) -> None:
        if key in self.live:
            return  # an order that is given twice starts once
        assert key not in self.began, f"try {key} began twice"
        assert key[0] not in {ti_id for ti_id, _ in self.live}, f"{key} overlaps"
        self.live.add(key)
        self.began.append(key)
        assert len(self.live) <= PARALLELISM
        small = [k for k in self.live if self._task(k[0]).spec.pool == "small"]
        assert len(small) <= POOL_SLOTS

    def _task(self, ti_id: int) -> Task:
        return next(t for r in self.runs.values() for t in r.instances if t.id == ti_id)

    def end_one(self, lost: float) -> None:
        """Let an attempt end; the fact may be lost on the way, or come twice."""
        if not self.live:
            return
        key = self.chance.choice(sorted(self.live))
        self.live.discard(key)
        ti_id, try_number = key
        row = self.rows[ti_id]
        assert row.try_number == try_number, "the metastore forgot a try that was alive"
        if row.state is TaskState.RESTARTING:
            row.state = TaskState.NONE
            self.stale.add(self._task(ti_id).run.pk)
            return
        state = self.chance.choice((TaskState.SUCCESS, TaskState.SUCCESS, TaskState.FAILED))
        if state is TaskState.FAILED:
            self.failures[ti_id] += 1
            if try_number <= row.max_tries:
                state, row.retry_at = TaskState.UP_FOR_RETRY, self.now + RETRY_DELAY
        row.state = state
        self._tell(ti_id, row, self.chance.random() < lost)

    def _tell(self, ti_id: int, row: Row, is_lost: bool) -> None:
        known = self.world.by_id[ti_id]
        if is_lost or known.try_number != row.try_number:
            self.stale.add(known.run.pk)  # the next revision shows that something is missing
            return
        for _ in range(self.chance.randint(1, 2)):
            if known.state in OCCUPYING:
                self.world.change(known, row.state, retry_at=row.retry_at)

    def clear_one(self) -> None:
        """Let a person clear a task, whatever it does."""
        ti_id = self.chance.choice(sorted(self.rows))
        row, pk = self.rows[ti_id], self._task(ti_id).run.pk
        if row.state in FINISHED:
            row.state, row.max_tries = TaskState.NONE, row.try_number + row.max_tries
            self.run_rows[pk] = RunState.QUEUED
        elif row.state is TaskState.QUEUED and (ti_id, row.try_number) in self.live:
            row.state = TaskState.RESTARTING
        self.clears += 1
        self.stale.add(pk)

    # ------------------------------------------------------------------ the story

    def play(self) -> None:
        """Go wrong for a while, then quietly come to the end."""
        for _ in range(FAULTY_STEPS):
            self._step(crash=0.1, lost=0.3)
            if self.chance.random() < 0.05:
                self.clear_one()
        self.restart()
        for _ in range(QUIET_STEPS_MAX):
            if self._is_over():
                break
            self._step(crash=0.0, lost=0.0)
        self._check_end()

    def _step(self, crash: float, lost: float) -> None:
        self.chance.choice((self.end_one, lambda _lost: self.tick(crash)))(lost)
        if self.chance.random() < 0.3:
            self.now += timedelta(seconds=self.chance.choice((0, 1, 10, 60)))

    def _is_over(self) -> bool:
        return all(state in (RunState.SUCCESS, RunState.FAILED) for state in self.run_rows.values())

    def _check_end(self) -> None:
        unfinished = {ti_id: row for ti_id, row in self.rows.items() if row.state not in FINISHED}
        assert self._is_over(), f"runs are stuck: {unfinished}"
        assert not unfinished, "a run ended before its tasks"
        assert not self.live, "a run ended while an attempt was alive"
        for ti_id, row in self.rows.items():
            numbers = [number for began, number in self.began if began == ti_id]
            assert numbers == list(range(1, row.try_number + 1)), "a try was skipped"
            if not self.clears:
                assert len(numbers) <= 1 + self.failures[ti_id], "a crash used up a try"
