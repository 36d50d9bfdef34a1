"""In which order can the tasks of a DAG run, and which of them wait for each other in a circle?"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowctl.authoring.exceptions import AirflowDagCycleException
from flowctl.late import Late

if TYPE_CHECKING:
    import heapq
else:
    heapq = Late("heapq")


def topological(dag_id: str, tasks: Mapping[str, Any]) -> list[Any]:
    """Return the tasks so that each comes after those it waits for; ties in the order given.

    Raises:
        AirflowDagCycleException: there is a circle; one is named.
    """
    ids = list(tasks)
    place = {task_id: number for number, task_id in enumerate(ids)}
    waits = {task_id: len(task.upstream_task_ids) for task_id, task in tasks.items()}
    ready = [place[task_id] for task_id, count in waits.items() if not count]
    ordered = []
    while ready:
        task = tasks[ids[heapq.heappop(ready)]]
        ordered.append(task)
        for after in task.downstream_task_ids:
            waits[after] -= 1
            if not waits[after]:
                heapq.heappush(ready, place[after])
    if len(ordered) < len(ids):
        circle = _circle(tasks, [task_id for task_id, count in waits.items() if count])
        raise AirflowDagCycleException(
            f"DAG {dag_id!r} has a cycle: {' >> '.join(circle)}; remove one of these links"
        )
    return ordered


def check_cycle(dag: Any) -> None:
    """Check that no tasks of a DAG wait for each other.

    Raises:
        AirflowDagCycleException: some do; one circle is named.
    """
    topological(dag.dag_id, dag.task_dict)


def _circle(tasks: Mapping[str, Any], stuck: Sequence[str]) -> list[str]:
    """Return one circle among tasks that all wait, its first task again at the end.

    Walking upstream from any of them stays among them, so it comes round.
    """
    among = set(stuck)
    path = [stuck[0]]
    while True:
        before = min(tasks[path[-1]].upstream_task_ids & among)
        if before in path:
            circle = [*path[path.index(before) :], before][::-1]
            start = circle.index(min(circle[:-1]))
            return [*circle[start:-1], *circle[:start], circle[start]]
        path.append(before)
