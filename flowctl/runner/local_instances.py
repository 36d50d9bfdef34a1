"""Which instances does a task have in a run in this process, and which of others count for one?

The rules for mapped tasks and groups are those of `core.graph` and `core.run`, asked of the tasks
of the DAG file instead of its spec.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flowctl.core import mapping
from flowctl.core.graph import FAST
from flowctl.core.spec import Length
from flowctl.errors import FlowctlError


@dataclass(frozen=True, slots=True)
class Instance:
    """One task instance."""

    id: int
    task: Any
    map_index: int = -1

    @property
    def task_id(self) -> str:
        """Return the id of its task."""
        return str(self.task.task_id)

    @property
    def name(self) -> str:
        """Return what people see: the task id, with the index of one of several instances."""
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"


class Instances:
    """The task instances of a run; each task has one of index -1 until it is expanded."""

    def __init__(self, tasks: Iterable[Any]) -> None:
        self.of: dict[str, tuple[Instance, ...]] = {
            task.task_id: (Instance(place, task),) for place, task in enumerate(tasks, 1)
        }
        self._count = len(self.of)
        self._measured = {
            source
            for first, *_ in self.of.values()
            if (length := length_of(first.task)) is not None
            for source in mapping.sources(length)
        }

    def all(self) -> list[Instance]:
        """Return all of them."""
        return [one for instances in self.of.values() for one in instances]

    def is_measured(self, task_id: str) -> bool:
        """Say whether others are mapped over the result of a task."""
        return task_id in self._measured

    def expand(self, task_id: str, count: int) -> Sequence[Instance]:
        """Give a task so many instances, at least one, and return them."""
        first = self.of[task_id][0]
        ids = [first.id, *range(self._count + 1, self._count + count)]
        self._count += count - 1
        self.of[task_id] = tuple(Instance(one, first.task, at) for at, one in enumerate(ids))
        return self.of[task_id]

    def before(self, parent: str, one: Instance) -> Sequence[Instance]:
        """Return the instances of an upstream task that count for the trigger rule of `one`."""
        group = _group(one.task)
        is_fast = str(one.task.trigger_rule) in FAST
        if is_fast and group is not None and one.task.task_group is group:
            return self.of[parent]
        return self.relevant(parent, one)

    def relevant(self, other: str, one: Instance) -> Sequence[Instance]:
        """Return the instances of another task that `one` has to do with."""
        found = self.of[other]
        if found[0].map_index < 0 or not share_group(found[0], one):
            return found
        return [instance for instance in found if instance.map_index == one.map_index]


def length_of(task: Any) -> Length | None:
    """Return into how many instances a task is expanded, None for one that is not mapped."""
    around = task if task.is_mapped else _group(task)
    return None if around is None else around.expand_input.length


def check_index(task: Any, map_index: int) -> None:
    """Complain where it is not clear which instance of a task is meant.

    Raises:
        FlowctlError: the index of a mapped task is missing, or it is not mapped.
    """
    name, is_mapped = repr(task.task_id), length_of(task) is not None
    if is_mapped and map_index < 0:
        raise FlowctlError(f"task {name} is mapped; say which of its instances: --map-index N")
    if not is_mapped and map_index >= 0:
        raise FlowctlError(f"task {name} is not mapped; leave out --map-index")


def share_group(one: Instance, other: Instance) -> bool:
    """Say whether two instances are of tasks in the same mapped group."""
    group = _group(one.task)
    return group is not None and group is _group(other.task)


def _group(task: Any) -> Any:
    return task.get_closest_mapped_task_group()
