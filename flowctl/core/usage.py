"""How many slots are taken: of the executor, of the pools, by each DAG and each task?"""

from collections import defaultdict
from dataclasses import dataclass

from flowctl.core.run import Task


@dataclass(slots=True, eq=False)
class Pool:
    """How many slots a pool has (-1: no limit)."""

    name: str
    slots: int
    include_deferred: bool = False  # deferred tasks keep their slots


class Usage:
    """Slots that are taken; `slots.Room` compares them with the limits."""

    def __init__(self) -> None:
        self.total = 0
        self.pools: dict[str, int] = defaultdict(int)
        self.dags: dict[str, int] = defaultdict(int)
        self.tasks: dict[tuple[str, str], int] = defaultdict(int)  # by DAG and task
        self.hungry: dict[int, Task] = {}  # tasks that count with their memory
        self.deferred = 0  # tasks
        self.pools_deferred: dict[str, int] = defaultdict(int)  # slots

    def occupy(self, task: Task, by: int) -> None:
        """Count a task that is being run; with -1 as such no more."""
        run, spec = task.run, task.spec
        self.total += by
        run.occupying += by
        self.pools[spec.pool] += by * spec.pool_slots
        self.dags[run.dag_id] += by
        self.tasks[run.dag_id, spec.task_id] += by
        run.task_used[spec.task_id] += by
        if task.expected_bytes and by > 0:
            self.hungry[task.id] = task
        elif task.expected_bytes:
            del self.hungry[task.id]

    def defer(self, task: Task, by: int) -> None:
        """Count a task that is deferred; with -1 as such no more."""
        self.deferred += by
        self.pools_deferred[task.spec.pool] += by * task.spec.pool_slots
