"""SubDagOperator of Airflow before 3: its tasks join the DAG around it, as a task group.

Airflow ran a sub-DAG as a DAG of its own behind one task, which could block itself and hid its
tasks. What people expect of the graph is the group: the same tasks, between the same neighbours.
"""

import warnings
from enum import Enum
from typing import Any

from flowctl.authoring import scope
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.task_group import TaskGroup


class SkippedStatePropagationOptions(Enum):
    """What a sub-DAG with skipped leaves did to the tasks after it."""

    ALL_LEAVES = "all_leaves"
    ANY_LEAF = "any_leaf"


class SubDagOperator:
    """Makes a task group of a DAG, and returns the group.

    Tasks in it keep their settings; schedule, dates, limits and callbacks of the sub-DAG are those
    of the DAG around it now. `xcom_pull` finds tasks of the sub-DAG by their old ids.

    Raises:
        AirflowException: there is no DAG around it, or the id of the sub-DAG is not that of the DAG
            and of this task with a dot between them.
    """

    def __new__(
        cls,
        *,
        task_id: str,
        subdag: DAG,
        dag: DAG | None = None,
        task_group: TaskGroup | None = None,
        trigger_rule: str | None = None,
        **rest: Any,
    ) -> Any:
        """Return the group; `rest` is what an operator takes and a group does not have."""
        parent: DAG | None = dag or getattr(task_group, "dag", None) or scope.current_dag()
        if parent is None:
            raise AirflowException(f"the sub-DAG {task_id!r} is in no DAG; give it dag=")
        if subdag.dag_id != f"{parent.dag_id}.{task_id}":
            raise AirflowException(
                f"the sub-DAG of task {task_id!r} of DAG {parent.dag_id!r} is called"
                f" '{parent.dag_id}.{task_id}', not {subdag.dag_id!r}"
            )
        without = "".join(f", {name}" for name in sorted(rest))
        warnings.warn(
            f"SubDagOperator {task_id!r} of DAG {parent.dag_id!r} is a task group in flowctl: its"
            f" tasks run as part of the DAG, and nothing is done with its schedule{without}. Use a"
            " TaskGroup",
            DeprecationWarning,
            stacklevel=2,
        )
        group = TaskGroup(task_id, parent_group=task_group, dag=parent)
        _move(subdag, parent, group)
        if trigger_rule:
            for root in group.roots:
                root.trigger_rule = trigger_rule
        return group


def _move(subdag: DAG, parent: DAG, group: TaskGroup) -> None:
    """Let all tasks and groups of `subdag` join `group`."""
    tasks = subdag.tasks
    for task in tasks:
        task.task_id = group.child_id(task.task_id)
        task.upstream_task_ids = {group.child_id(one) for one in task.upstream_task_ids}
        task.downstream_task_ids = {group.child_id(one) for one in task.downstream_task_ids}
        inner = f".{task.subdag_prefix}" if task.subdag_prefix else ""
        task.subdag_prefix = f"{group.group_id}{inner}"
        task._dag = None
    for child in subdag.task_group.children.values():
        if isinstance(child, TaskGroup):
            child.parent_group = None
            _rename(child, parent, group)
            child.parent_group = group
        else:
            child.task_group = None
        group.add(child)
    for one in (one for one in group.get_task_group_dict().values() if one is not group):
        parent.used_ids[str(one.group_id)] = one
        one.children = {node.node_id: node for node in one.children.values()}
    for task in tasks:
        parent.used_ids[task.task_id] = task
        parent.add_task(task)
    for up, downs in subdag.edge_info.items():
        for down, label in downs.items():
            parent.set_edge_info(group.child_id(up), group.child_id(down), label)
    _forget(subdag, parent, group)


def _rename(moved: TaskGroup, parent: DAG, group: TaskGroup) -> None:
    """Let a group and those in it belong to another DAG, and name tasks by their new ids."""
    for one in moved.get_task_group_dict().values():
        one.dag = parent
        one.upstream_task_ids = {group.child_id(task_id) for task_id in one.upstream_task_ids}
        one.downstream_task_ids = {group.child_id(task_id) for task_id in one.downstream_task_ids}
        for name in ("upstream_group_ids", "downstream_group_ids"):
            setattr(one, name, {group.child_id(str(other)) for other in getattr(one, name)})


def _forget(subdag: DAG, parent: DAG, group: TaskGroup) -> None:
    """Empty the sub-DAG, so that nobody takes it for a DAG of the file."""
    inner = {old: f"{group.group_id}.{prefix}" for old, prefix in subdag.absorbed.items()}
    parent.absorbed = {**parent.absorbed, **inner, subdag.dag_id: str(group.group_id)}
    macros = {**(subdag.user_defined_macros or {}), **(parent.user_defined_macros or {})}
    parent.user_defined_macros = macros or None
    subdag.parent_dag = parent
    subdag.task_dict, subdag.used_ids = {}, {}
    DAG.autoregistered[:] = [one for one in DAG.autoregistered if one is not subdag]
