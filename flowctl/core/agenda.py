"""The order of work: in which order are the tasks of one run looked at?"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from flowctl.core.draft import Draft, Look
from flowctl.core.run import Run, Task
from flowctl.core.trigger_rules import Verdict, verdict


class Agenda:
    """The task instances of one run to be looked at, each after all that come before it."""

    def __init__(self, draft: Draft, run: Run) -> None:
        self._draft = draft
        self._run = run
        self._places: list[int] = []  # in the DAG's order, a heap
        self._whole: set[str] = set()  # tasks of which all instances are wanted
        self._some: dict[str, set[Task]] = {}
        self._walked: Iterator[Task] = iter(())  # the rest of the task that is being looked at

    def add(self, looks: Iterable[Look]) -> None:
        """Have these looked at, too."""
        for task_id, instances in looks:
            if task_id not in self._run.tasks:
                continue
            if task_id not in self._some:
                self._some[task_id] = set()
                heappush(self._places, self._run.graph.order[task_id])
            if instances is None:
                self._whole.add(task_id)
            else:
                self._some[task_id].update(instances)

    def _may_move(self, task_id: str) -> bool:
        """Say whether what all instances of a task share can change anything for one of them.

        As long as the trigger rule waits for the shared ones alone, whatever they are, the verdict
        about an instance depends on its own upstream tasks only, and those stir it by themselves.
        """
        graph = self._run.graph
        is_alone = len(self._run.tasks[task_id]) == 1
        if is_alone or task_id in graph.deciders or task_id in graph.setups:
            return True
        shared = self._draft.shared(self._run, task_id)
        return verdict(graph.tasks[task_id].trigger_rule, shared) is not Verdict.WAIT

    def rest(self, begun: Task) -> tuple[set[str], set[Task]]:
        """Return what is still to be looked at: whole tasks, and single instances of others.

        Args:
            begun: the instance that came last; it counts as not looked at.
        """
        whole = self._whole & self._some.keys()
        return whole, {begun}.union(self._walked, *self._some.values())

    def __iter__(self) -> Iterator[Task]:
        tasks = self._run.graph.spec.tasks
        while self._places:
            task_id = tasks[heappop(self._places)].task_id
            some = self._some.pop(task_id)
            is_whole = task_id in self._whole
            self._whole.discard(task_id)
            if is_whole and self._may_move(task_id):
                self._walked = iter(self._run.tasks[task_id])
            else:
                self._walked = iter(sorted(some, key=lambda task: task.map_index))
            yield from self._walked
