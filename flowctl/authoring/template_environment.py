"""How is Jinja set up for a DAG, and when?

In a sandbox, with Airflow's filters and what the DAG adds. An environment is made once for each DAG
and kept: the warm parent of attempts makes it before it forks.
"""

from typing import Any
from weakref import WeakKeyDictionary

import jinja2
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import SandboxedEnvironment, is_internal_attribute

from flowctl.authoring.filters import FILTERS

# The environment

COMPILED_MAX = 500  # of a DAG; a few kB each, and the parent of attempts must stay small


class TemplateEnvironment(SandboxedEnvironment):
    """A sandbox that lets `_names` pass, as Airflow's does, but never `__names__`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._compiled: dict[str, jinja2.Template] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 - Jinja's signature
        return not is_internal_attribute(obj, attr)

    def compiled(self, text: str) -> jinja2.Template:
        """Return `text` as a template; compiling takes a millisecond and is done once."""
        template = self._compiled.get(text)
        if template is None:
            template = self.from_string(text)
            if len(self._compiled) < COMPILED_MAX:
                self._compiled[text] = template
        return template


class NativeTemplateEnvironment(TemplateEnvironment, NativeEnvironment):
    """The same sandbox; what it renders are Python values instead of texts."""


_environments: "WeakKeyDictionary[Any, dict[bool, jinja2.Environment]]" = WeakKeyDictionary()
"""By DAG, and by whether they give native values."""


def environment(
    dag: Any = None, *, force_sandboxed: bool = False, native: bool | None = None
) -> jinja2.Environment:
    """Return the Jinja environment of a DAG, made on first use and kept.

    Args:
        dag: the DAG; None gives one without files, macros and filters of a user.
        force_sandboxed: render texts even if the DAG asks for native values.
        native: whether values are native; None asks the DAG.
    """
    if dag is None:
        return _without_dag()
    if native is None:
        native = getattr(dag, "render_template_as_native_obj", False)
    native = native and not force_sandboxed
    made = _environments.setdefault(dag, {})
    if native not in made:
        made[native] = _made(dag, NativeTemplateEnvironment if native else TemplateEnvironment)
    return made[native]


_shared: list[jinja2.Environment] = []


def _without_dag() -> jinja2.Environment:
    if not _shared:
        _shared.append(TemplateEnvironment())
        _shared[0].filters.update(FILTERS)
    return _shared[0]


def _made(dag: Any, kind: type[TemplateEnvironment]) -> jinja2.Environment:
    searched = getattr(dag, "template_searchpath", None) or []
    searched = [searched] if isinstance(searched, str) else list(searched)
    options: dict[str, Any] = {
        "loader": jinja2.FileSystemLoader([dag.folder, *searched]),
        "undefined": getattr(dag, "template_undefined", None) or jinja2.StrictUndefined,
        "extensions": ["jinja2.ext.do"],
    } | (getattr(dag, "jinja_environment_kwargs", None) or {})
    env = kind(**options)
    env.filters.update(FILTERS)
    env.globals.update(getattr(dag, "user_defined_macros", None) or {})
    env.filters.update(getattr(dag, "user_defined_filters", None) or {})
    return env
