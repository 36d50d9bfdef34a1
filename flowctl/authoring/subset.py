"""How is a DAG copied, whole or with only some of its tasks?"""

import copy
import re
from collections.abc import Iterable
from typing import Any

from flowctl.authoring.task_group import TaskGroup
from flowctl.core import setups


def chosen(
    dag: Any,
    task_ids_or_regex: str | re.Pattern[str] | Iterable[str],
    *,
    downstream: bool,
    upstream: bool,
    direct_upstream: bool,
) -> set[str]:
    """Return the ids that are named or matched, and those around them that are asked for.

    Setup tasks come along with their teardowns: see `core.setups.chosen`.
    """
    if isinstance(task_ids_or_regex, str | re.Pattern):
        matched = [task for task in dag.tasks if re.findall(task_ids_or_regex, task.task_id)]
    else:
        wanted = set(task_ids_or_regex)
        matched = [task for task in dag.tasks if task.task_id in wanted]
    kept = setups.chosen(
        links(dag), {task.task_id for task in matched}, upstream=upstream, downstream=downstream
    )
    if direct_upstream:
        kept |= {before for task_id in kept for before in dag.get_task(task_id).upstream_task_ids}
    return kept


def links(dag: Any) -> setups.Links:
    """Return the arrows of a DAG, its setups and its teardowns.

    Raises:
        AirflowDagCycleException: there is a circle.
    """
    ordered = dag.topological_sort()
    return setups.Links(
        upstream={task.task_id: task.upstream_task_ids for task in ordered},
        downstream={task.task_id: task.downstream_task_ids for task in ordered},
        setups=frozenset(task.task_id for task in dag.tasks if task.is_setup),
        teardowns=frozenset(task.task_id for task in dag.tasks if task.is_teardown),
        fail_run=frozenset(task.task_id for task in dag.tasks if task.on_failure_fail_dagrun),
    )


def reduced(whole: Any, kept: set[str]) -> Any:
    """Return a copy of a DAG with copies of the tasks in `kept`, their groups and their links."""
    dag = copy.copy(whole)
    dag.task_dict, dag.used_ids = {}, {}
    for task_id in whole.task_ids:
        if task_id in kept:
            task = copy.copy(whole.task_dict[task_id])
            task._dag = dag
            task.upstream_task_ids = task.upstream_task_ids & kept
            task.downstream_task_ids = task.downstream_task_ids & kept
            dag.task_dict[task_id] = dag.used_ids[task_id] = task
    dag.task_group = _reduced_group(whole.task_group, dag, None)
    return dag


def _reduced_group(group: TaskGroup, dag: Any, parent: TaskGroup | None) -> TaskGroup:
    """Return a copy of a group with only what is in `dag`."""
    new = copy.copy(group)
    new.dag, new.parent_group, new.children = dag, parent, {}
    for child_id, child in group.children.items():
        if isinstance(child, TaskGroup):
            inner = _reduced_group(child, dag, new)
            if inner.children:
                new.children[child_id] = dag.used_ids[child_id] = inner
        elif child_id in dag.task_dict:
            new.children[child_id] = dag.task_dict[child_id]
            dag.task_dict[child_id].task_group = new
    return new
