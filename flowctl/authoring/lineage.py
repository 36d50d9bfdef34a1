"""Which inlets does a task have in the end, where it names tasks or "auto" for theirs?

Source: Airflow 2.10: "auto" takes the outlets of the tasks directly before, a task id or a task
those of any task before; other texts mean nothing.
"""

from typing import Any

AUTO = "auto"


def inlets_of(task: Any) -> list[Any]:
    """Return the inlets of a task; those of tasks before it are their outlets."""
    given = getattr(task, "inlets", None) or []
    found = [one for one in given if not isinstance(one, str) and not hasattr(one, "task_id")]
    wanted = {getattr(one, "task_id", one) for one in given if one not in found}
    if not wanted:
        return found
    before = task.get_flat_relative_ids(upstream=True) & wanted
    if wanted & {AUTO, AUTO.upper()}:
        before |= task.upstream_task_ids
    for task_id in sorted(before):
        found += [one for one in task.dag.get_task(task_id).outlets if one not in found]
    return found
