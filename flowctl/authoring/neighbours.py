"""Which tasks stand before and after a task, and in which mapped groups is it?"""

from collections.abc import Iterator
from typing import Any

from flowctl.authoring.dependencies import DependencyMixin


class Neighbours(DependencyMixin):
    """A task among the others of its DAG; without a DAG it has none."""

    dag: Any
    _dag: Any
    task_group: Any
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    @property
    def roots(self) -> list[Any]:
        """Return the task itself."""
        return [self]

    @property
    def leaves(self) -> list[Any]:
        """Return the task itself."""
        return [self]

    @property
    def upstream_list(self) -> list[Any]:
        """Return the tasks directly before this one, by id."""
        return [self.dag.get_task(task_id) for task_id in sorted(self.upstream_task_ids)]

    @property
    def downstream_list(self) -> list[Any]:
        """Return the tasks directly after this one, by id."""
        return [self.dag.get_task(task_id) for task_id in sorted(self.downstream_task_ids)]

    def get_direct_relative_ids(self, upstream: bool = False) -> set[str]:
        """Return the ids of the tasks directly after or, with `upstream`, before this one."""
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> list[Any]:
        """Return the tasks directly after or, with `upstream`, before this one."""
        return self.upstream_list if upstream else self.downstream_list

    def get_flat_relative_ids(self, upstream: bool = False) -> set[str]:
        """Return the ids of all tasks after or, with `upstream`, before this one."""
        found: set[str] = set()
        waiting = list(self.get_direct_relative_ids(upstream)) if self._dag else []
        while waiting:
            task_id = waiting.pop()
            if task_id not in found:
                found.add(task_id)
                waiting.extend(self.dag.get_task(task_id).get_direct_relative_ids(upstream))
        return found

    def get_flat_relatives(self, upstream: bool = False) -> list[Any]:
        """Return all tasks after or, with `upstream`, before this one, by id."""
        return [self.dag.get_task(one) for one in sorted(self.get_flat_relative_ids(upstream))]

    def iter_mapped_task_groups(self) -> Iterator[Any]:
        """Yield the mapped task groups around this, the innermost first."""
        return self.task_group.iter_mapped_task_groups() if self.task_group else iter(())

    def get_closest_mapped_task_group(self) -> Any:
        """Return the innermost mapped task group around this, None if there is none."""
        return next(self.iter_mapped_task_groups(), None)

    def iter_mapped_dependants(self) -> Iterator[Any]:
        """Yield the tasks after this one that are mapped over its result."""
        for task in self.get_flat_relatives():
            around = [*task.iter_mapped_task_groups(), *([task] if task.is_mapped else [])]
            if any(self is one for node in around for one in node.iter_mapped_dependencies()):
                yield task
