"""A scheduler of the simulation: the real memory and the real decisions, between two models."""

from collections.abc import Callable
from datetime import datetime

from flowctl.core.attempt import Order
from flowctl.core.fulfilment import absorb
from flowctl.core.headroom import Budget
from flowctl.core.run import Run
from flowctl.core.states import OCCUPYING, RunType, TaskState
from flowctl.core.tick import decide
from flowctl.core.usage import Pool
from flowctl.core.world import World
from flowctl.runner.messages import Facts
from flowctl.scheduler.memory import Memory, task_key
from flowctl.scheduler.orders import order
from flowctl.store.outcomes import Superseded
from tests.simulation.metastore import Key, Metastore
from tests.simulation.shapes import MEMORY, POOL_SLOTS

PARALLELISM = 4


class Remembered(Memory):
    """The scheduler's memory, which reads the make-believe metastore."""

    def __init__(self, metastore: Metastore) -> None:
        super().__init__(World(parallelism=PARALLELISM))
        self._metastore = metastore
        self._put_off: set[int] = set()  # runs that the next step reads
        self.world.pools = {name: Pool(name, slots) for name, slots in POOL_SLOTS.items()}
        self.world.memory = Budget(MEMORY, available=1000)

    @property
    def is_behind(self) -> bool:
        """Say whether more is to be read, or made, before all can be decided."""
        return bool(self.stale or self.unmade)

    def compare(self) -> None:
        """Read every DAG and every run whose revision is another one."""
        self.world.drain = self._metastore.drain
        for dag_id, revision in self._metastore.dag_revisions.items():
            dag = self.world.dags.get(dag_id)
            if dag is None or dag.revision != revision:
                self.world.put_dag(self._metastore.read_dag(dag_id))
        runs, known = self._metastore.runs, self.world.runs
        self.stale |= {
            pk
            for pk, row in runs.items()
            if (row.state.value in ("queued", "running") and pk not in known)
            or (pk in known and known[pk].revision != row.revision)
        }
        self.read_stale()

    def read_stale(self) -> None:
        """Read what is known to be another; runs that are known in two steps, as large ones."""
        stale, self.stale = self.stale, set()
        self._put_off = stale & self.world.runs.keys() - self._put_off
        for pk in sorted(stale):
            if pk in self._put_off:
                self.stale.add(pk)
                continue
            run = self._metastore.read(pk)
            if run.run_type == RunType.SCHEDULED and pk not in self.world.runs:
                self._read_half(run)
                continue
            self._replace(run)
            before = run.previous_pk
            if before is not None and before not in self.world.runs and not run.is_finished:
                self._replace(self._metastore.read(before))
        loose, self._loose = self._loose, set()
        self.forget((stale | loose) - self.stale)

    def disbelieve_now(self, pks: set[int]) -> None:
        """Read these runs at once."""
        for pk in sorted(pks):
            self._replace(self._metastore.read(pk))

    def _read_half(self, run: Run) -> None:
        """Read a large run in steps: after the first one it counts, and nothing of it starts."""
        run.take(())
        run.is_whole = False
        self.world.put_run(run)
        self.stale.add(run.pk)


class Scheduler:
    """One leader, for one term."""

    def __init__(
        self,
        metastore: Metastore,
        term: int,
        start: Callable[[int, list[Order]], None],
        kill: Callable[[int, list[Key]], None],
        settle: Callable[[int, list[Key], list[Key]], None],
    ) -> None:
        """Begin to lead.

        Args:
            settle: tells the runner what was written of what it handed over, and what was not.
        """
        self._metastore = metastore
        self._start = start
        self._kill = kill
        self._settle = settle
        self.term = term
        self.memory = Remembered(metastore)
        self.is_woken = False

    def connect(self, known: set[Key]) -> None:
        """Compare all with the metastore; order again what nobody has."""
        self.memory.doubt()
        self.memory.take_handed()  # and forget it: it is the runner's again
        self.memory.compare()
        while self.memory.stale:
            self.memory.read_stale()
        occupying = [t for t in self.memory.world.by_id.values() if t.state in OCCUPYING]
        lost = [t for t in occupying if task_key(t) not in known]
        assert all(t.state is TaskState.QUEUED for t in lost), "an attempt vanished"
        wanted = {task_key(t) for t in occupying if t.state is not TaskState.RESTARTING}
        self._kill(self.term, sorted(known - wanted))
        self._start(self.term, [order(t, self.term, is_repeated=True) for t in lost])

    def hear(self, facts: Facts) -> None:
        """Take in what the runner says."""
        self.memory.hear(facts)

    def tick(self, now: datetime) -> bool:
        """Look, decide, commit, start, as `scheduler.loop` does; say whether anything was written.

        Raises:
            Away, Deposed: the metastore did not take the plan, or does not say whether it did.
        """
        world = self.memory.world
        if self.is_woken:
            self.memory.compare()
            self.is_woken = False
        elif self.memory.stale:
            self.memory.read_stale()
        elif self.memory.unmade:
            self._make_more()
        ended, left = self.memory.take_handed()
        self._settle(self.term, [], left)
        plan = decide(world, now)
        if plan.is_empty and not ended:
            absorb(world, plan, now)
            self._end_unwanted()
            return bool(plan.postponed) or self.memory.is_behind
        keys = [entry.key for entry in ended]
        try:
            applied = self._metastore.apply(plan, world, self.term, now, ended)
        except Superseded:
            self.memory.disbelieve_now({entry.run_pk for entry in ended})
            self._settle(self.term, [], keys)
            return True
        absorb(world, plan, now)
        for expansion, ids in applied.expanded:
            world.expand(world.runs[expansion.run_pk], expansion.task_id, ids)
        for pk, revision in applied.revisions.items():
            self.memory.raise_revision(world.runs[pk], revision)
        self.memory.stale |= set(applied.new_runs)
        self.memory.disbelieve_now(applied.surprises)
        begun = [move.ti_id for move in plan.starts if move.ti_id in applied.moved]
        self._start(
            self.term, [order(world.by_id[one], self.term) for one in begun if one in world.by_id]
        )
        self._settle(self.term, keys, [])
        self.memory.kills += plan.kills
        self._end_unwanted()
        return True

    def _make_more(self) -> None:
        run = self.memory.world.runs[min(self.memory.unmade)]
        if not self._metastore.go_on(run, self.term) or run.made is None:
            self.memory.stale.add(run.pk)

    def _end_unwanted(self) -> None:
        kills, self.memory.kills = self.memory.kills, []
        self._kill(self.term, kills)
