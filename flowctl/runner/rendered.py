"""What is kept of a task's rendered template fields: plain JSON, bounded, without secrets."""

import json
from typing import Any, NamedTuple

from flowctl.authoring import rendering
from flowctl.authoring.masking import redact
from flowctl.authoring.operator import BaseOperator

RENDERS = ("prepare_template", "render_template_fields", "resolve_template_files")


class Final(NamedTuple):
    """What `rendered_fields` makes of a task whose fields no context changes."""

    fields: dict[str, Any] | None


def final(task: Any, length_max: int) -> Final | None:
    """Return the template fields if they are final, None if they must be rendered."""
    cls = type(task)
    if any(getattr(cls, name, None) is not getattr(BaseOperator, name) for name in RENDERS):
        return None
    return None if rendering.needs_engine(task) else Final(rendered_fields(task, length_max))


def rendered_fields(task: Any, length_max: int) -> dict[str, Any] | None:
    """Return the template fields of a task as they can be stored and shown; None without any.

    Args:
        task: the task, after rendering.
        length_max: characters of a field that are kept, 0 or less for all.
    """
    fields = getattr(task, "template_fields", ())
    if not fields:
        return None
    return {name: _kept(getattr(task, name, None), name, length_max) for name in fields}


def _kept(value: Any, name: str, length_max: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    hidden = redact(value if _is_json(value) else str(value), name)
    text = hidden if isinstance(hidden, str) else str(hidden)
    if 0 < length_max < len(text):
        return f"{text[:length_max]}... (cut; [core] max_templated_field_length is {length_max})"
    return hidden if isinstance(hidden, str) else json.loads(json.dumps(hidden))  # keys are texts


def _is_json(value: Any) -> bool:
    if isinstance(value, str):
        return True
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
