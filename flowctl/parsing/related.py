"""Which other DAG does a task have to do with? Found by the arguments that name one."""

from flowctl.authoring.mapped_operator import MappedOperator
from flowctl.authoring.operator import BaseOperator
from flowctl.core.spec import RelatedDag
from flowctl.parsing.marks import KIND


def related_to(task: BaseOperator) -> RelatedDag | None:
    """Return the DAG that a task triggers, waits for, or clears; None where a template says it."""
    given = task.partial_kwargs if isinstance(task, MappedOperator) else vars(task)
    triggered, external = _id(given.get("trigger_dag_id")), _id(given.get("external_dag_id"))
    if triggered:
        return RelatedDag("triggers", triggered)
    if external:
        return RelatedDag("clears" if task.task_type == KIND else "waits_for", external)
    return None


def _id(value: object) -> str:
    return value if isinstance(value, str) and "{" not in value else ""
