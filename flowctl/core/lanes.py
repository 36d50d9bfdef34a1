"""The lines in which ready tasks wait: heavier ones first, and one line for each set of limits."""

from collections import defaultdict

from flowctl.core.ordered import Ordered
from flowctl.core.run import Task

Lane = tuple[str, int, str, tuple[object, ...]]
"""Pool, slots, DAG, and what limits the task itself: where one of a lane cannot start, none can."""
MEMORY = "memory"
Place = tuple[int, float, int, int, int]  # -weight, logical date, run, place in the DAG, task


class Lanes(defaultdict[Lane, Ordered[Place]]):
    """All ready tasks."""

    def __init__(self) -> None:
        super().__init__(Ordered)

    def put(self, task: Task) -> None:
        """Let a task wait in its lane."""
        self[lane_of(task)].add(place_of(task))

    def drop(self, task: Task) -> None:
        """Take a task out of its lane."""
        lane = lane_of(task)
        self[lane].drop(place_of(task))
        if not self[lane]:
            del self[lane]


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
    if task.expected_bytes:
        own = (*own, (MEMORY, task.expected_bytes))
    return (spec.pool, spec.pool_slots, run.dag_id, own)


def is_hungry(lane: Lane) -> bool:
    """Say whether the tasks of a lane count with their memory."""
    own = lane[-1]
    return bool(own) and isinstance(own[-1], tuple) and own[-1][0] == MEMORY


def place_of(task: Task) -> Place:
    """Return where a ready task stands: heavier first, then older runs, then the DAG's order."""
    run = task.run
    return (
        -_weight(task),
        run.logical_date.timestamp(),
        run.pk,
        run.graph.order[task.spec.task_id],
        task.id,
    )


def _weight(task: Task) -> int:
    """Return what the try weighs for which a task waits."""
    weights = task.spec.try_weights
    if not weights:
        return task.run.graph.weights[task.spec.task_id]
    before = task.shown_try - (task.waiting_since is not None)
    return weights[min(before, len(weights) - 1)]
