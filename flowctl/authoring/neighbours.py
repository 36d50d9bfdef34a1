"""Where does a task stand: in which DAG and mapped groups, before and after which tasks?"""

from collections.abc import Iterator
from typing import Any

from flowctl.authoring.dependencies import DependencyMixin
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.rule_names import WeightRule


class Neighbours(DependencyMixin):
    """A task among the others of its DAG; without a DAG it has none."""

    task_id: str
    owner: str
    priority_weight: int
    weight_rule: Any
    _dag: Any
    task_group: Any
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    @property
    def dag(self) -> Any:
        """Return the DAG.

        Raises:
            AirflowException: the task has none yet.
        """
        if self._dag is None:
            raise AirflowException(
                f"task {self.task_id!r} has no DAG; make it inside `with DAG(...)` or give it dag="
            )
        return self._dag

    @dag.setter
    def dag(self, dag: Any) -> None:
        if not hasattr(dag, "add_task"):
            raise TypeError(f"dag of task {self.task_id!r} is a DAG, not {dag!r}")
        if self._dag is not None and self._dag is not dag:
            raise AirflowException(
                f"task {self.task_id!r} belongs to DAG {self._dag.dag_id!r}; it cannot join"
                f" {dag.dag_id!r}"
            )
        if self._dag is None:
            dag.add_task(self)
            self._dag = dag

    def get_dag(self) -> Any:
        """Return the DAG, None if there is none yet."""
        return self._dag

    def has_dag(self) -> bool:
        """Say whether the task has a DAG."""
        return self._dag is not None

    @property
    def dag_id(self) -> str:
        """Return the DAG's id; a task without a DAG says "adhoc_" and its owner."""
        return self._dag.dag_id if self._dag is not None else f"adhoc_{self.owner}"

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

    @property
    def priority_weight_total(self) -> int:
        """Return the weight with those of the tasks that `weight_rule` adds.

        As in Airflow, a rule of the user's own counts as "downstream" here.
        """
        own: int = self.priority_weight
        if self.weight_rule == WeightRule.ABSOLUTE:
            return own
        others = self.get_flat_relatives(upstream=self.weight_rule == WeightRule.UPSTREAM)
        total: int = own + sum(task.priority_weight for task in others)
        return total

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
