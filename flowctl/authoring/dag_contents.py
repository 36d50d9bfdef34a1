"""Which tasks and groups does a DAG hold, and how are they linked?"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from flowctl.authoring import order
from flowctl.authoring.exceptions import (
    DuplicateTaskIdFound,
    FailStopDagInvalidTriggerRule,
    TaskNotFound,
)
from flowctl.authoring.task_group import TaskGroup
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import subset
else:
    subset = Late("flowctl.authoring.subset")


class Contents:
    """A DAG as what holds tasks, groups and the arrows between them."""

    dag_id: str
    fail_stop: bool
    _start_date: Any
    _end_date: Any

    def _hold_nothing(self) -> None:
        """Begin without tasks."""
        self.task_dict: dict[str, Any] = {}
        self.used_ids: dict[str, Any] = {}
        """Tasks and groups by id, so that a twin is found at once."""
        self.edge_info: dict[str, dict[str, dict[str, str | None]]] = {}
        self.task_group = TaskGroup.create_root(self)

    @property
    def tasks(self) -> list[Any]:
        """Return the tasks in the order of the file."""
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        """Return the task ids in the order of the file."""
        return list(self.task_dict)

    @property
    def task_group_dict(self) -> dict[str, TaskGroup]:
        """Return the groups by id."""
        groups = self.task_group.get_task_group_dict()
        return {group_id: group for group_id, group in groups.items() if group_id is not None}

    def has_task(self, task_id: str) -> bool:
        """Say whether there is such a task."""
        return task_id in self.task_dict

    def has_task_group(self, task_group_id: str) -> bool:
        """Say whether there is such a group."""
        return task_group_id in self.task_group_dict

    def get_task(self, task_id: str, include_subdags: bool = False) -> Any:  # noqa: ARG002 - Airflow's signature
        """Return a task.

        Raises:
            TaskNotFound: there is none with this id.
        """
        try:
            return self.task_dict[task_id]
        except KeyError:
            raise TaskNotFound(f"DAG {self.dag_id!r} has no task {task_id!r}") from None

    def add_task(self, task: Any) -> None:
        """Take in a task; its dates are cut to those of the DAG.

        Raises:
            DuplicateTaskIdFound: its id is taken.
            FailStopDagInvalidTriggerRule: `fail_stop` does not go with its trigger rule.
        """
        self._check_rule(task)
        twin = self.task_dict.get(task.task_id)
        if twin is not None and twin is not task:
            raise DuplicateTaskIdFound(
                f"DAG {self.dag_id!r} already has a task {twin.task_id!r}"
                f" ({type(twin).__name__}); give the new one ({type(task).__name__}) another id"
            )
        task._start_date = _bound(task._start_date, self._start_date, max)
        task._end_date = _bound(task._end_date, self._end_date, min)
        if task.task_group is None:
            self.task_group.add(task)
        self.task_dict[task.task_id] = task
        task._dag = self

    def _check_rule(self, task: Any) -> None:
        if self.fail_stop and task.trigger_rule not in ("all_success", "all_done_setup_success"):
            raise FailStopDagInvalidTriggerRule(
                f"DAG {self.dag_id!r} has fail_stop, so task {task.task_id!r} must have the trigger"
                f" rule all_success, not {task.trigger_rule}"
            )

    def add_tasks(self, tasks: Iterable[Any]) -> None:
        """Take in several tasks."""
        for task in tasks:
            self.add_task(task)

    @property
    def roots(self) -> list[Any]:
        """Return the tasks that wait for none."""
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> list[Any]:
        """Return the tasks for which none waits."""
        return [task for task in self.tasks if not task.downstream_task_ids]

    def topological_sort(self, include_subdag_tasks: bool = False) -> tuple[Any, ...]:  # noqa: ARG002 - Airflow's signature
        """Return the tasks so that each comes after those it waits for.

        Raises:
            AirflowDagCycleException: there is a circle.
        """
        return tuple(order.topological(self.dag_id, self.task_dict))

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        """Link two tasks by their ids."""
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def set_edge_info(
        self, upstream_task_id: str, downstream_task_id: str, info: Mapping[str, str | None]
    ) -> None:
        """Write down what an arrow is called."""
        edges = self.edge_info.setdefault(upstream_task_id, {})
        edges[downstream_task_id] = dict(info)

    def get_edge_info(self, upstream_task_id: str, downstream_task_id: str) -> dict[str, Any]:
        """Return what was written down of an arrow."""
        return self.edge_info.get(upstream_task_id, {}).get(downstream_task_id, {})

    def partial_subset(
        self,
        task_ids_or_regex: str | re.Pattern[str] | Iterable[str],
        include_downstream: bool = False,
        include_upstream: bool = True,
        include_direct_upstream: bool = False,
    ) -> Self:
        """Return a copy of the DAG with some of its tasks and what surrounds them."""
        smaller: Self = subset.reduced(
            self,
            subset.chosen(
                self,
                task_ids_or_regex,
                downstream=include_downstream,
                upstream=include_upstream,
                direct_upstream=include_direct_upstream,
            ),
        )
        return smaller

    @property
    def teardowns(self) -> list[Any]:
        """Return the teardowns."""
        return [task for task in self.tasks if task.is_teardown]

    @property
    def tasks_upstream_of_teardowns(self) -> list[Any]:
        """Return the work and setup tasks directly before teardowns."""
        before = [one for task in self.teardowns for one in task.upstream_list]
        return [task for task in before if not task.is_teardown]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with tasks and groups of its own."""
        new: Self = subset.reduced(self, set(self.task_dict))
        memo[id(self)] = new
        return new


def _bound(own: Any, outer: Any, pick_one: Callable[..., Any]) -> Any:
    return pick_one(own, outer) if own and outer else own or outer
