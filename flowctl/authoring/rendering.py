"""Does a task need Jinja at all, and who is asked to render? Most do not, and it is not loaded.

Jinja takes 8 MB, which every fork of an attempt would have to copy the tables of, and a freshly
forked process pays for each object that it touches.
"""

import importlib
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

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


class Templated:
    """A task some of whose fields may be templates."""

    template_fields: Sequence[str] = ()
    template_ext: Sequence[str] = ()
    template_fields_renderers: ClassVar[dict[str, str]] = {}
    render_template_as_native_obj: bool | None
    _dag: Any

    def get_template_env(self, dag: Any = None) -> Any:
        """Return the Jinja environment of the task's DAG, or of `dag`."""
        native = self.render_template_as_native_obj
        return engine().environment(dag or self._dag, native=native)

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Render the template fields in place."""
        if jinja_env is not None or needs_engine(self):
            engine().render_fields(self, context, jinja_env)

    def render_template(
        self,
        content: Any,
        context: Any,
        jinja_env: Any = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Return `content` with every template in it rendered."""
        env = jinja_env or self.get_template_env()
        endings = tuple(self.template_ext)
        return engine().render(content, context, env, seen_oids, endings)

    def resolve_template_files(self) -> None:
        """Replace the fields that name a template file by its content."""
        if needs_engine(self):
            engine().load_files(self)
        else:
            self.prepare_template()

    def prepare_template(self) -> None:
        """Change the template fields before they are rendered; for subclasses."""
