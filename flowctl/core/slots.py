"""Is there room for one more task? Six limits, one answer, in words.

Five are Airflow's: the executor's `parallelism`, the pool's slots, the DAG's
`max_active_tasks`, the task's `max_active_tis_per_dag` and `max_active_tis_per_dagrun`. The sixth
is memory. Smaller tasks do not pass one that waits for it: it might wait for ever.
QUEUED, RUNNING and RESTARTING tasks occupy;
DEFERRED ones keep the slots of pools that include them.
"""

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from flowctl.core.headroom import shortage
from flowctl.core.lanes import is_hungry, place_of
from flowctl.core.run import Run, Task
from flowctl.core.states import RunState
from flowctl.core.usage import Pool
from flowctl.core.world import World

EXECUTOR = "[core] parallelism"
MEMORY = "memory"


class Limit(NamedTuple):
    """A limit that is reached."""

    name: str  # the same for all that it keeps
    reason: str  # in words, with numbers


class Room:
    """The room left in a world, as tasks are taken in. The world itself is not changed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.taken = 0
        self.pool_taken: dict[str, int] = defaultdict(int)
        self.dag_taken: dict[str, int] = defaultdict(int)
        self.task_taken: dict[tuple[str, str], int] = defaultdict(int)
        self.run_task_taken: dict[tuple[int, str], int] = defaultdict(int)
        self.hungry_taken: list[Task] = []

    @property
    def is_full(self) -> bool:
        """Say whether the executor takes no more tasks at all."""
        return self.world.usage.total + self.taken >= self.world.parallelism

    def take(self, task: Task) -> None:
        """Count `task` as started."""
        self.taken += 1
        self.pool_taken[task.spec.pool] += task.spec.pool_slots
        self.dag_taken[task.run.dag_id] += 1
        self.task_taken[task.run.dag_id, task.spec.task_id] += 1
        self.run_task_taken[task.run.pk, task.spec.task_id] += 1
        if task.expected_bytes:
            self.hungry_taken.append(task)

    def take_deferred(self, task: Task, by: int = 1) -> None:
        """Count `task` as deferred; with -1 as not deferred any more."""
        pool = self.world.pools.get(task.spec.pool)
        if pool is not None and pool.include_deferred:
            self.pool_taken[pool.name] += by * task.spec.pool_slots

    def deferral_blocker(self, task: Task) -> str | None:
        """Say in words why `task` cannot begin deferred, or None if it can."""
        pool = self.world.pools.get(task.spec.pool)
        stop = self.run_stop(task.run)
        if stop is not None or (pool is not None and not pool.include_deferred):
            return stop
        limit = self._pool_limit(task.spec.pool, task.spec.pool_slots)
        return limit.reason if limit else None

    def blocker(self, task: Task) -> str | None:
        """Say in words why `task` cannot start, or None if it can."""
        stop = self.run_stop(task.run)
        if stop is not None:
            return stop
        limit = self.limit(task)
        return limit.reason if limit else None

    def limit(self, task: Task) -> Limit | None:
        """Return the first limit that `task` would pass, or None."""
        return (
            self._slot_limit(task)
            or self._executor_limit()
            or (self._memory_limit(task) if task.expected_bytes else None)
        )

    def _slot_limit(self, task: Task) -> Limit | None:
        return (
            self._dag_limit(task.run.dag_id)
            or self._pool_limit(task.spec.pool, task.spec.pool_slots)
            or self._task_limit(task)
        )

    def _executor_limit(self) -> Limit | None:
        if not self.is_full:
            return None
        return Limit(
            EXECUTOR,
            f"the executor is full: {self.world.usage.total + self.taken} tasks run"
            " or are next in line; [core] parallelism limits them",
        )

    def _memory_limit(self, task: Task) -> Limit | None:
        budget = self.world.memory
        if budget is None:
            return None
        first = self._first_short
        if first is not None and first is not task and place_of(first) < place_of(task):
            return Limit(MEMORY, f"waits for memory, in line after {first.run.dag_id}.{first.name}")
        users = [*self.world.usage.hungry.values(), *self.hungry_taken]
        reason = shortage(budget, users, task)
        return Limit(MEMORY, reason) if reason else None

    @cached_property
    def _first_short(self) -> Task | None:
        """Return the first task in line that lacks nothing but memory, before anything starts."""
        world = self.world
        assert world.memory is not None
        users = world.usage.hungry.values()
        heads = [world.by_id[line[0][-1]] for lane, line in world.lanes.items() if is_hungry(lane)]
        short = [
            task
            for task in heads
            if not (task.hold or task.run.hold)
            and self.run_stop(task.run) is None
            and self._slot_limit(task) is None
            and shortage(world.memory, users, task) is not None
        ]
        return min(short, key=place_of, default=None)

    def run_stop(self, run: Run) -> str | None:
        """Say why nothing of this run starts at all, or None; a backfill fills paused DAGs, too."""
        if (stop := self.world.stop) is not None:
            return stop
        if run.backfill in self.world.backfills and run.dag_id in self.world.dags:
            return None
        dag = self.world.dags.get(run.dag_id)
        if dag is not None and dag.drains and run.state is RunState.RUNNING:
            return None
        return self.dag_stop(run.dag_id)

    def dag_stop(self, dag_id: str) -> str | None:
        """Say why nothing of this DAG starts at all, or None."""
        if (stop := self.world.stop) is not None:
            return stop
        dag = self.world.dags.get(dag_id)
        if dag is None:
            return (
                f"DAG {dag_id!r} is no longer defined by any file; its runs go on once one defines"
                f" it again, or remove it with: flowctl dags delete {dag_id}"
            )
        if dag.is_paused:
            return f"DAG {dag_id!r} is paused; unpause it with: flowctl dags unpause {dag_id}"
        return None

    def _dag_limit(self, dag_id: str) -> Limit | None:
        dag = self.world.dags[dag_id]
        active = self.world.usage.dags.get(dag_id, 0) + self.dag_taken[dag_id]
        if active < dag.graph.spec.max_active_tasks:
            return None
        return Limit(
            f"max_active_tasks of DAG {dag_id}",
            f"DAG {dag_id!r} runs {active} tasks, as many as its max_active_tasks allows",
        )

    def has_slots(self, name: str, slots: int) -> bool:
        """Say whether a pool has so many slots free; `_pool_limit` finds the words if not."""
        pool = self.world.pools.get(name)
        return pool is not None and (pool.slots < 0 or self._used(pool) + slots <= pool.slots)

    def _used(self, pool: Pool) -> int:
        used = self.world.usage.pools.get(pool.name, 0) + self.pool_taken[pool.name]
        if pool.include_deferred:
            used += self.world.usage.pools_deferred.get(pool.name, 0)
        return used

    def _pool_limit(self, name: str, slots: int) -> Limit | None:
        if self.has_slots(name, slots):
            return None
        pool = self.world.pools.get(name)
        if pool is None:
            return Limit(
                f"pool {name}",
                f"pool {name!r} does not exist; make it with: flowctl pools set {name} SLOTS TEXT",
            )
        if slots > pool.slots:
            return Limit(
                f"pool {name}",
                f"the task needs {slots} slots, pool {name!r} has only {pool.slots} in all",
            )
        return Limit(
            f"pool {name}",
            f"pool {name!r} is full: {self._used(pool)} of {pool.slots} slots are in use,"
            f" the task needs {slots}",
        )

    def _task_limit(self, task: Task) -> Limit | None:
        spec, run = task.spec, task.run
        if spec.max_active_tis_per_dag is not None:
            key = (run.dag_id, spec.task_id)
            active = self.world.usage.tasks.get(key, 0) + self.task_taken[key]
            if active >= spec.max_active_tis_per_dag:
                return Limit(
                    f"max_active_tis_per_dag of task {run.dag_id}.{spec.task_id}",
                    f"task {spec.task_id!r} runs {active} times in all runs of the DAG,"
                    " as often as its max_active_tis_per_dag allows",
                )
        if spec.max_active_tis_per_dagrun is not None:
            active = run.task_used.get(spec.task_id, 0)
            active += self.run_task_taken[run.pk, spec.task_id]
            if active >= spec.max_active_tis_per_dagrun:
                return Limit(
                    f"max_active_tis_per_dagrun of task {run.dag_id}.{spec.task_id}",
                    f"task {spec.task_id!r} runs {active} times in this run,"
                    " as often as its max_active_tis_per_dagrun allows",
                )
        return None
