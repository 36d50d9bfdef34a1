"""Random histories: everything happens in any order, and everything goes wrong.

A history is told by its seed. It is over when all runs have ended; after each step the promise is
checked: nothing begins twice, no limit is passed, nothing that ended moves. At the end each task
must have ended as `reference` says, after as many tries, whatever went wrong on the way.
"""

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from flowctl.core import draft, examination
from flowctl.core.attempt import Order
from flowctl.core.drain import Drain
from flowctl.core.run import Run
from flowctl.core.states import FINISHED, RunState, TaskState
from flowctl.runner.messages import Facts
from tests.simulation import reference
from tests.simulation.dates import PERIOD, Broken, is_cancelling
from tests.simulation.metastore import Away, Deposed, Key, Metastore, RunRow
from tests.simulation.runner import Runner
from tests.simulation.scheduler import PARALLELISM, Scheduler
from tests.simulation.shapes import MEMORY, POOL_SLOTS, Fates, random_dag, scheduled

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
FAULTY_STEPS = 240
IDLE_ROUNDS_MAX = 400  # rounds of the quiet end; more mean that something is stuck


class History:
    """One story, told by a seed.

    Args:
        is_meddled: people clear tasks meanwhile; then the end is another than `reference` says.
        has_schedules: runs are made by schedules, and people pause DAGs and drain all of flowctl.
    """

    def __init__(self, seed: int, *, is_meddled: bool = False, has_schedules: bool = False) -> None:
        self.chance = random.Random(seed)
        self.is_meddled = is_meddled
        self.has_schedules = has_schedules
        self.now = NOON
        dags = [random_dag(self.chance, f"d{at}") for at in range(self.chance.randint(1, 2))]
        if has_schedules:
            dags = [scheduled(self.chance, dag, NOON) for dag in dags]
        self.metastore = Metastore(dags, self.chance.randint(1, 2), NOON)
        self.metastore.dates.is_meddled = is_meddled
        self.fates = Fates(seed, dags)
        self.runner = Runner(self.metastore, self.fates)
        self.letters: list[Callable[[], None]] = []  # on their way; a crash of either side ends it
        self.killed: set[tuple[int, Key]] = set()  # on one line no order comes after its kill
        self.zombies: list[Scheduler] = []  # deposed, and not aware of it
        self.ended: dict[int, TaskState] = {}
        self.leader = self._lead()

    # ------------------------------------------------------------------ who speaks to whom

    def _lead(self) -> Scheduler:
        """Let a scheduler begin a new term, by the lease."""
        self.metastore.term += 1
        self.letters.clear()
        made = Scheduler(self.metastore, self.metastore.term, self._order, self._kill, self._settle)
        self.runner.term = made.term
        self.runner.handed.clear()
        made.connect(self.runner.known)
        return made

    def _order(self, term: int, orders: list[Order]) -> None:
        for order in orders:
            for _ in range(self.chance.choice((1, 2)) if order.is_repeated else 1):
                self.letters.append(partial(self._take, term, order))

    def _take(self, term: int, order: Order) -> None:
        if (term, order.key) not in self.killed:
            self.runner.take(term, [order])

    def _kill(self, term: int, keys: list[Key]) -> None:
        self.killed |= {(term, key) for key in keys}
        if keys:
            self.runner.kill(term, keys, self.now)

    def _settle(self, term: int, written: list[Key], left: list[Key]) -> None:
        if written or left:
            self.letters.append(partial(self.runner.settle, term, written, left))

    def _tell(self, facts: Facts | None) -> None:
        if facts is not None:
            leader = self.leader
            for _ in range(self.chance.choice((1, 1, 1, 2))):
                self.letters.append(lambda: leader.hear(facts))

    # ------------------------------------------------------------------ what happens

    def tick(self) -> bool:
        """Let the leader decide; after an outage it connects anew."""
        try:
            return self.leader.tick(self.now)
        except Away:
            self.letters.clear()
            self.runner.handed.clear()
            self.leader.memory.stale |= set(self.leader.memory.world.runs)
            self.leader.connect(self.runner.known)
            return True

    def deliver(self) -> None:
        """Let one message arrive, not always the first."""
        if self.letters:
            self.letters.pop(self.chance.randrange(len(self.letters)))()

    def begin(self) -> None:
        """Let one ordered attempt begin."""
        if self.runner.ordered:
            self.runner.begin(self.chance.choice(sorted(self.runner.ordered)))
            self._check_limits()

    def end(self) -> None:
        """Let one process end."""
        if self.runner.live:
            self.runner.end(self.chance.choice(sorted(self.runner.live)), self.now)

    def record(self) -> None:
        """Let the runner commit."""
        try:
            self._tell(self.runner.record(is_late=self.chance.random() < 0.2))
        except Away:
            return

    def hand_over(self) -> None:
        """Let the runner hand over what the leader may write."""
        self._tell(self.runner.hand_over())

    def fire(self) -> None:
        """Let a trigger fire, and its process wake the scheduler."""
        waiting = [r for r in self.metastore.rows.values() if r.state is TaskState.DEFERRED]
        if waiting:
            self.metastore.fire(self.chance.choice(waiting))
            self.leader.is_woken = True

    def wait(self) -> None:
        """Let time pass."""
        longest = PERIOD if self.has_schedules else timedelta(seconds=60)
        self.now += self.chance.choice((0, 1 / 3600, 1 / 6, 1)) * longest

    # ------------------------------------------------------------------ what goes wrong

    def jump(self) -> None:
        """Set the clock to another time."""
        self.now += timedelta(seconds=self.chance.choice((-600, -1, 3600, 86400)))

    def crash(self) -> None:
        """Kill the leader; another one takes over."""
        self.leader = self._lead()

    def suspend(self) -> None:
        """Suspend the leader for longer than its lease; later it goes on as if it led."""
        self.zombies.append(self.leader)
        self.leader = self._lead()

    def haunt(self) -> None:
        """Let a deposed leader go on."""
        if self.zombies:
            zombie = self.zombies.pop(self.chance.randrange(len(self.zombies)))
            with contextlib.suppress(Deposed, Away):
                for _ in range(3):
                    zombie.tick(self.now)
                    zombie.is_woken = True

    def crash_runner(self) -> None:
        """Kill the runner; the leader finds the next one."""
        self.letters.clear()
        self.runner.crash()
        self.leader.connect(self.runner.known)

    def lose_the_metastore(self) -> None:
        """Let the next transactions fail, some of them after they came true."""
        self.metastore.fails_next = self.chance.randint(0, 2)
        self.metastore.lies_next = self.chance.randint(0, 1)

    def meddle(self) -> None:
        """Let a person clear a task; the scheduler hears of it late."""
        if self.is_meddled and self.metastore.rows:
            row = self.chance.choice(list(self.metastore.rows.values()))
            self.metastore.clear(row)
            self.ended = {ti: s for ti, s in self.ended.items() if ti != row.id}
            self.leader.is_woken |= self.chance.random() < 0.5

    def pause(self) -> None:
        """Let a person pause a DAG, or go on; the scheduler hears of it late."""
        kinds = ((False, False), (True, False), (True, True))
        is_paused, drains = self.chance.choice(kinds)
        dag_id = self.chance.choice(sorted(self.metastore.dags))
        self.metastore.pause(dag_id, is_paused=is_paused, drains=drains)
        self.leader.is_woken |= self.chance.random() < 0.5

    def drain(self) -> None:
        """Let a person drain all of flowctl while something runs, or go on."""
        is_over = self.metastore.drain is not None
        if not is_over and not any(run.state is RunState.RUNNING for _, run in self._runs):
            return
        self.metastore.drain = None if is_over else Drain("ann", self.now)
        self.leader.is_woken |= self.chance.random() < 0.5

    # ------------------------------------------------------------------ the story

    def play(self) -> None:
        """Go wrong for a while, then come to the end by itself.

        Raises:
            Broken: the promise was broken; AssertionError: too.
        """
        usual = (self.tick, self.deliver, self.begin, self.end, self.hand_over, self.record)
        faults = [self.crash, self.suspend, self.haunt, self.crash_runner, self.jump]
        faults += (self.meddle, self.lose_the_metastore)
        if self.has_schedules:
            faults += (self.pause, self.drain)
        for _ in range(FAULTY_STEPS):
            kind = self.chance.random()
            if kind < 0.8:
                self.chance.choice(usual)()
            elif kind < 0.9:
                self.chance.choice((self.wait, self.fire))()
            else:
                self.chance.choice(faults)()
            self.check()
        while self.zombies:
            self.haunt()
            self.check()
        self._come_to_rest()
        self._check_end()

    def _come_to_rest(self) -> None:
        self.metastore.fails_next = self.metastore.lies_next = 0
        self.metastore.drain = None
        for dag_id in self.metastore.dags:
            self.metastore.pause(dag_id, is_paused=False, drains=False)
        self.leader.is_woken = True  # what people did is seen by the next sweep
        for _ in range(IDLE_ROUNDS_MAX):
            while self.tick():
                self.check()
            while self.letters:
                self.deliver()
            for step, things in (
                (self.begin, self.runner.ordered),
                (self.end, self.runner.live),
            ):
                while things:
                    step()
                    self.check()
            self.hand_over()
            self.record()
            self.fire()
            self.now += timedelta(seconds=31)
            is_busy = self.letters or self.runner.known
            if not is_busy and self._is_over():
                return
        stuck = [row for row in self.metastore.rows.values() if row.state not in FINISHED]
        lacking = {dag_id: self._lacks(dag_id) for dag_id in self.metastore.dags}
        raise Broken(f"it never comes to an end: {stuck}, {lacking}")

    def _is_over(self) -> bool:
        is_late = [dag_id for dag_id in self.metastore.dags if self._lacks(dag_id)]
        return not is_late and all(
            _has_ended(run) or not self._impatience(pk) for pk, run in self._runs
        )

    def _lacks(self, dag_id: str) -> list[datetime]:
        """Return the dates that nothing became of, though no run keeps them waiting."""
        going = [run for _, run in self._runs if run.of.dag_id == dag_id and not _has_ended(run)]
        return [] if going else self.metastore.dates.missing(dag_id)

    @property
    def _runs(self) -> list[tuple[int, RunRow]]:
        return list(self.metastore.runs.items())

    def _impatience(self, pk: int) -> str:
        return reference.impatience(self.metastore.read(pk), self._before(pk))

    def _before(self, pk: int) -> Run | None:
        before = self.metastore.previous(pk)
        return None if before is None else self.metastore.read(before)

    # ------------------------------------------------------------------ the promise

    def check(self) -> None:
        """Check that nothing moves any more that has ended."""
        for row in self.metastore.rows.values():
            if row.state in FINISHED:
                if self.ended.setdefault(row.id, row.state) is not row.state:
                    raise Broken(f"{row} had ended as {self.ended[row.id]}")
            elif row.id in self.ended:
                raise Broken(f"{row} had ended as {self.ended[row.id]}")
        under_way = Counter(run.of.dag_id for _, run in self._runs if run.state is RunState.RUNNING)
        for dag_id, count in under_way.items():
            limit = self.metastore.dags[dag_id].graph.spec.max_active_runs
            if count > limit:
                raise Broken(f"{count} runs of {dag_id} are under way, of {limit}")

    def _check_limits(self) -> None:
        pools: Counter[str] = Counter()
        dags: Counter[str] = Counter()
        tasks: Counter[tuple[str, str]] = Counter()
        per_run: Counter[tuple[int, str]] = Counter()
        memory: list[int] = []
        live = self.runner.live
        if len(live) > PARALLELISM:
            raise Broken(f"{len(live)} attempts run at once")
        for key in live:
            run = self.runner.claims[key].run
            graph = self.metastore.runs[run.pk].of.graph
            task_id = self.runner.claims[key].task_id
            spec = graph.tasks[task_id]
            pools[spec.pool] += spec.pool_slots
            dags[run.dag_id] += 1
            tasks[run.dag_id, task_id] += 1
            per_run[run.pk, task_id] += 1
            memory.append(spec.memory_bytes or 0)
            limits = (
                (pools[spec.pool], POOL_SLOTS[spec.pool]),
                (dags[run.dag_id], graph.spec.max_active_tasks),
                (tasks[run.dag_id, task_id], spec.max_active_tis_per_dag),
                (per_run[run.pk, task_id], spec.max_active_tis_per_dagrun),
            )
            for used, limit in limits:
                if limit is not None and used > limit:
                    raise Broken(f"{task_id} passes a limit: {used} of {limit}")

        if sum(memory) > MEMORY and sum(map(bool, memory)) > 1:
            raise Broken(f"tasks pass the limit of memory together: {memory} of {MEMORY}")

    def _check_end(self) -> None:
        rows = self.metastore.rows.values()
        began: Counter[int] = Counter(ti_id for ti_id, _ in self.runner.began)
        for row in rows:
            run = self.metastore.runs[row.run_pk]
            if row.state not in FINISHED and _has_ended(run):
                raise Broken(f"its run ended before {row}")
            spec = run.of.graph.tasks[row.task_id]
            # it may be stopped between order and begin
            cancels = run.of.graph.spec.overlap == "cancel_running"  # also if it was cleared since
            never_begun = run.of.graph.spec.fail_stop or cancels
            is_so = began[row.id] in (row.try_number - never_begun, row.try_number)
            if not spec.is_empty and not is_so:
                raise Broken(f"{began[row.id]} attempts of {row}")
        if not self.is_meddled:
            self._compare()

    def _compare(self) -> None:
        for pk, run in self.metastore.runs.items():
            judge = reference.objection
            if _is_cancelled(run):
                judge = reference.objection_to_cancelling
            wrong = judge(self.metastore.read(pk), self._before(pk), self.fates)
            if wrong:
                raise Broken(f"run {pk}: {wrong}")
            if not _has_ended(run) or _is_cancelled(run):
                continue
            graph = run.of.graph
            names = set(graph.leaves)
            if graph.spec.fail_stop:
                names |= {task.task_id for task in graph.spec.tasks if not task.is_teardown}
            leaves = [row.state for row in run.rows.values() if row.task_id in names]
            is_bad = any(state in reference.BAD for state in leaves)
            if run.state is not (RunState.FAILED if is_bad else RunState.SUCCESS):
                raise Broken(f"run {pk} is {run.state}, its leaves are {leaves}")


def _has_ended(run: RunRow) -> bool:
    return run.state in (RunState.SUCCESS, RunState.FAILED)


def _is_cancelled(run: RunRow) -> bool:
    return is_cancelling(run.reason)


MEDDLED_EVERY = 4
LARGE = {examination: "LOOKS_PER_RUN_AND_TICK", draft: "EXPANDED_PER_RUN_AND_TICK"}
"""How much of a large run one tick does."""


@contextlib.contextmanager
def small_steps() -> Iterator[None]:
    """Let small runs be done in as many steps as large ones."""
    usual = {module: getattr(module, name) for module, name in LARGE.items()}
    try:
        for module, name in LARGE.items():
            setattr(module, name, 2)
        yield
    finally:
        for module, name in LARGE.items():
            setattr(module, name, usual[module])


def play(seed: int) -> None:
    """Play the history of a seed: half of them have schedules, and small steps.

    Raises:
        Broken: the promise was broken; the message has the seed.
    """
    has_schedules = seed % 10 >= 5
    try:
        with small_steps() if has_schedules else contextlib.nullcontext():
            meddled = seed % MEDDLED_EVERY == 0
            History(seed, is_meddled=meddled, has_schedules=has_schedules).play()
    except (Broken, AssertionError) as error:
        raise Broken(f"seed {seed}: {error}") from error
