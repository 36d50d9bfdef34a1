"""A task that chooses which of the tasks after it run."""

from collections.abc import Iterable
from typing import Any

from flowctl.authoring.operator import BaseOperator
from flowctl.operators.skipping import SkipMixin


class BranchMixIn(SkipMixin):
    """For operators that follow one branch, or some."""

    inherits_from_skipmixin = True

    def do_branch(self, context: Any, branches_to_execute: str | Iterable[str] | None) -> Any:
        """Skip what was not chosen, where a group's id stands for its roots; return the choice."""
        task = context["ti"].task
        chosen = self._with_roots(task.dag, _in_group(task, branches_to_execute))
        self.skip_all_except(context["ti"], chosen)
        return branches_to_execute

    @staticmethod
    def _with_roots(dag: Any, chosen: Any) -> Any:
        groups = dag.task_group_dict
        if isinstance(chosen, str) and chosen not in groups:
            return chosen
        if chosen is None or not isinstance(chosen, Iterable):
            return chosen
        ids: list[Any] = []
        for one in [chosen] if isinstance(chosen, str) else chosen:
            is_group = isinstance(one, str) and one in groups
            ids.extend(root.task_id for root in groups[one].roots) if is_group else ids.append(one)
        return ids


def _in_group(task: Any, chosen: Any) -> Any:
    """Return ids that a task of a sub-DAG knows without the group that it is in now."""
    prefix = getattr(task, "subdag_prefix", "")
    if not prefix or chosen is None:
        return chosen
    return [f"{prefix}.{one}" for one in ([chosen] if isinstance(chosen, str) else chosen)]


class BaseBranchOperator(BranchMixIn, BaseOperator):
    """Follows what `choose_branch` of a subclass returns."""

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """Return the id of the task or task group to follow, several ids, or None."""
        raise NotImplementedError(f"{type(self).__name__} does not define choose_branch")

    def execute(self, context: Any) -> Any:
        """Skip what was not chosen; return the choice."""
        return self.do_branch(context, self.choose_branch(context))
