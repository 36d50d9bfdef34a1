"""What is special about an attempt of one of the instances of a mapped task."""

import logging
from typing import Any

from flowctl.authoring import rendering
from flowctl.authoring.context import Context
from flowctl.authoring.exceptions import (
    UnmappableXComLengthPushed,
    UnmappableXComTypePushed,
    XComForMappingNotPushed,
)
from flowctl.authoring.mapped_operator import MappedOperator
from flowctl.authoring.task_instance import TaskInstance
from flowctl.authoring.xcom import length_of
from flowctl.core.attempt import Order

NAME_LENGTH_MAX = 250  # characters of what an instance is called

_log = logging.getLogger("airflow.task")


def rendered_operator(task: MappedOperator, context: Context, ti: TaskInstance) -> Any:
    """Make the operator of the instance that is running, and render its fields."""
    operator, final = task.unmap(context)
    task.unmapped = operator
    context["task"] = ti.task = operator
    if getattr(operator, "template_ext", ()):
        operator.resolve_template_files()
    if rendering.needs_engine(operator):
        rendering.engine().render_fields(operator, context, seen=set(final))
    return operator


def name(context: Context, ti: TaskInstance, *, has_failed: bool) -> str | None:
    """Return what the instance is called, by the template that the context holds; None without.

    Raises:
        Whatever the template raises, unless the task has failed by itself.
    """
    template = context.get("map_index_template")
    if template is None:
        return None
    try:
        env = ti.task.get_template_env()
        text = str(rendering.engine().render_text(template, context, env))
    except Exception as error:
        if has_failed:  # perhaps before it came to what the template names
            return None
        error.add_note(
            f"in map_index_template {template!r}; set get_current_context()[NAME] in the task"
        )
        raise
    ti.rendered_map_index = text[:NAME_LENGTH_MAX].replace("\0", "\ufffd")  # no database takes it
    return ti.rendered_map_index


def check_mappable(order: Order, result: Any, length_max: int) -> None:
    """Complain of a result that other tasks are mapped over and cannot be.

    Raises:
        XComForMappingNotPushed: there is none.
        UnmappableXComTypePushed: it is neither a list nor a dict.
        UnmappableXComLengthPushed: it is longer than [core] max_map_length.
    """
    if not order.is_measured or order.map_index >= 0:
        return  # of an expanded task, each result is one element
    if result is None:
        raise XComForMappingNotPushed
    if length_of(result) is None:
        raise UnmappableXComTypePushed(result)
    if len(result) > length_max:
        raise UnmappableXComLengthPushed(result, length_max)
