"""How does a task say which of the tasks after it shall not run?

It names them to its task instance; who runs it hands them on together with the outcome. The choice
is kept, so that a skipped task that is cleared later is skipped again.
"""

from collections.abc import Iterable
from typing import Any

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.operator import BaseOperator

FOLLOWED = "followed"
SKIPPED = "skipped"


class SkipMixin:
    """For operators that choose among the tasks after them."""

    can_skip_others = True

    def skip(self, context: Any, tasks: Iterable[BaseOperator]) -> None:
        """Have `tasks` skipped."""
        task_ids = [task.task_id for task in tasks]
        if task_ids:
            context["ti"].skip_tasks(task_ids, {SKIPPED: task_ids})

    def skip_all_except(self, ti: Any, branch_task_ids: str | Iterable[str] | None) -> None:
        """Have the tasks directly after this one skipped, but those chosen and what they lead to.

        Args:
            ti: the running task instance.
            branch_task_ids: one task id, several, or None to skip all.

        Raises:
            AirflowException: the choice is no id or list of ids of tasks of this DAG.
        """
        chosen = checked_ids(ti.task, branch_task_ids)
        dag = ti.task.dag
        kept = set(chosen)
        for task_id in chosen:
            kept |= dag.get_task(task_id).get_flat_relative_ids(upstream=False)
        after = [task.task_id for task in ti.task.downstream_list]
        if after:
            followed = [task_id for task_id in after if task_id in kept]
            skipped = [task_id for task_id in after if task_id not in kept]
            ti.skip_tasks(skipped, {FOLLOWED: followed})


def checked_ids(task: BaseOperator, chosen: Any) -> list[str]:
    """Return the chosen ids as a list.

    Raises:
        AirflowException: they are no texts, or the DAG has no such task.
    """
    given = [chosen] if isinstance(chosen, str) else () if chosen is None else chosen
    ids: list[str] = list(given) if isinstance(given, Iterable) else [given]
    if not all(isinstance(one, str) for one in ids):
        raise AirflowException(
            f"task {task.task_id!r} chose {chosen!r}; a branch chooses a task id, a list of task"
            " ids, or None"
        )
    unknown = [one for one in ids if not task.dag.has_task(one)]
    if unknown:
        raise AirflowException(
            f"task {task.task_id!r} chose {', '.join(map(repr, unknown))}, which DAG"
            f" {task.dag.dag_id!r} does not have; its tasks are {', '.join(task.dag.task_ids)}"
        )
    return ids
