"""Does a task need Jinja at all? Most do not, and then it is never loaded.

Jinja takes 8 MB, which every fork of an attempt would have to copy the tables of, and a freshly
forked process pays for each object that it touches.
"""

import importlib
from functools import cache
from typing import Any

MARK = "{"  # every usual mark of Jinja begins with it
PLAIN = (type(None), bool, int, float)


@cache
def engine() -> Any:
    """Return the module `authoring.templates`, loaded when the first template is met."""
    return importlib.import_module("flowctl.authoring.templates")


def needs_engine(operator: Any) -> bool:
    """Say whether rendering the operator's fields could change anything.

    Where the DAG has set up Jinja by itself, its marks may be any, so the answer is yes.
    """
    dag = operator.dag
    if dag is not None and (dag.jinja_environment_kwargs or dag.render_template_as_native_obj):
        return True
    if getattr(operator, "render_template_as_native_obj", None):
        return True
    endings = tuple(operator.template_ext)
    return any(
        _may_change(getattr(operator, field, operator), endings)
        for field in operator.template_fields
    )


def _may_change(value: Any, endings: tuple[str, ...]) -> bool:
    if isinstance(value, PLAIN):
        return False
    if isinstance(value, str):
        return MARK in value or value.endswith(("\n", *endings)) or "\r" in value
    if type(value) is dict:
        return any(_may_change(item, endings) for item in value.values())
    if type(value) in (list, tuple, set):
        return any(_may_change(item, endings) for item in value)
    return True  # an object may have template fields, a reference must be resolved
