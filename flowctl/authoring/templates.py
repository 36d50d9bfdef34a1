"""How do the texts in an operator's fields become what the task works with?

Fields named by `template_fields` are rendered by Jinja in a sandbox, inside lists, dicts, tuples,
sets and objects that have `template_fields` of their own. A text that ends in one of `template_ext`
names a file whose content is taken. References to other tasks' results are resolved.

A text without Jinja's marks never meets Jinja at all: that is most of them.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import jinja2
from jinja2.nativetypes import NativeEnvironment, native_concat

from flowctl.authoring.hints import nearest
from flowctl.authoring.masking import redact
from flowctl.authoring.resolving import ResolveMixin
from flowctl.authoring.template_environment import TemplateEnvironment, environment

__all__ = ["compile_all", "environment", "load_files", "render", "render_fields", "render_text"]

_log = logging.getLogger("airflow.task")
_UNDEFINED = re.compile(r"'([^']*)' is undefined")
_NO_ATTRIBUTE = re.compile(r"has no attribute '([^']*)'")
_NO_FILTER = re.compile(r"No filter named '([^']*)'")


def _environment_of(operator: Any, dag: Any) -> jinja2.Environment:
    native = getattr(operator, "render_template_as_native_obj", None)
    return environment(dag, native=native)


def compile_all(dag: Any) -> None:
    """Compile the templates of all tasks now, so that attempts forked later find them ready.

    A template with a mistake is left for the attempt of its task, which fails with it.
    """
    for task in dag.tasks:
        env = _environment_of(task, dag)
        for field in task.template_fields:
            for text in _texts(getattr(task, field, None)):
                if _is_template(text, env) and isinstance(env, TemplateEnvironment):
                    with suppress(jinja2.TemplateError):
                        env.compiled(text)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a field, one collection deep or more."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(_texts, value.values()))
    elif isinstance(value, list | tuple | set):
        yield from chain.from_iterable(map(_texts, value))


# Rendering


class _Names(MutableMapping[str, Any]):
    """What a template sees: the context, and behind it the environment's globals."""

    def __init__(self, context: Mapping[str, Any], more: Mapping[str, Any]) -> None:
        self._context = context
        self._more = more
        self._own: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        for names in (self._own, self._context):
            if key in names:
                return names[key]
        return self._more[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._own[key] = value

    def __delitem__(self, key: str) -> None:
        del self._own[key]

    def __contains__(self, key: object) -> bool:
        return key in self._own or key in self._context or key in self._more

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._more, *self._context, *self._own)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def copy(self) -> dict[str, Any]:
        """Return what the template itself set; Jinja shows that in tracebacks.

        The whole context would be made for it, the parts that need the metastore as well.
        """
        return dict(self._own)


def render_text(text: str, context: Mapping[str, Any], env: jinja2.Environment) -> Any:
    """Return what one text says; any value where the environment is a native one.

    Raises:
        jinja2.TemplateError: the text is no template, or names something unknown.
    """
    native = isinstance(env, NativeEnvironment)
    if not native and not _is_template(text, env):
        return text
    template = env.compiled(text) if isinstance(env, TemplateEnvironment) else env.from_string(text)
    return _rendered(template, context, env)


def _is_template(text: str, env: jinja2.Environment) -> bool:
    """Say whether Jinja would change `text`; its marks are usual unless the DAG changed them.

    Jinja also drops one newline at the end of a text.
    """
    if env.line_statement_prefix or env.line_comment_prefix or text.endswith("\n") or "\r" in text:
        return True
    return any(
        mark in text
        for mark in (env.variable_start_string, env.block_start_string, env.comment_start_string)
    )


def _rendered(
    template: jinja2.Template, context: Mapping[str, Any], env: jinja2.Environment
) -> Any:
    names = _Names(context, template.globals)
    jinja_context = env.context_class(env, names, template.name, template.blocks)  # type: ignore[arg-type]  # any mapping does
    try:
        pieces = template.root_render_func(jinja_context)
        return native_concat(pieces) if isinstance(env, NativeEnvironment) else "".join(pieces)
    except Exception:
        env.handle_exception()


def render(
    value: Any,
    context: Mapping[str, Any],
    env: jinja2.Environment,
    seen: set[int] | None = None,
    extensions: Iterable[str] = (),
) -> Any:
    """Return `value` with every template in it rendered; objects are changed in place.

    Args:
        value: a text, a collection, a reference, or an object with `template_fields`.
        context: the names that templates may use.
        env: what `environment` returned.
        seen: ids of objects already rendered, so that objects which know each other come to an end.
        extensions: endings of texts that name a template file.
    """
    seen = set() if seen is None else seen
    if id(value) in seen:
        return value
    if isinstance(value, str):
        if extensions and value.endswith(tuple(extensions)):
            return _rendered(env.get_template(value), context, env)
        return render_text(value, context, env)
    if isinstance(value, ResolveMixin):
        return value.resolve(context, include_xcom=True)

    def inner(item: Any) -> Any:
        return render(item, context, env, seen, extensions)

    if isinstance(value, tuple):
        items = [inner(item) for item in value]
        return tuple(items) if type(value) is tuple else type(value)(*items)
    if isinstance(value, list):
        return [inner(item) for item in value]
    if isinstance(value, dict):
        return {key: inner(item) for key, item in value.items()}
    if isinstance(value, set):
        return {inner(item) for item in value}
    _render_object(value, context, env, seen, extensions)
    return value


def _render_object(
    value: Any,
    context: Mapping[str, Any],
    env: jinja2.Environment,
    seen: set[int],
    extensions: Iterable[str],
) -> None:
    """Render the fields of an object that names some."""
    seen.add(id(value))
    for field in getattr(value, "template_fields", ()):
        rendered = render(getattr(value, field), context, env, seen, extensions)
        if rendered:
            setattr(value, field, rendered)


def render_fields(
    operator: Any,
    context: Mapping[str, Any],
    jinja_env: jinja2.Environment | None = None,
    seen: set[int] | None = None,
) -> None:
    """Render the template fields of an operator in place.

    Args:
        seen: ids of values that are final.

    Raises:
        AttributeError: `template_fields` names a field that the operator lacks.
        Exception: what a template or a reference raised; the field is named in the log.
    """
    env = jinja_env or _environment_of(operator, getattr(operator, "dag", None))
    extensions = tuple(getattr(operator, "template_ext", ()))
    seen = set() if seen is None else seen
    for field in operator.template_fields:
        if not hasattr(operator, field):
            raise AttributeError(
                f"{type(operator).__name__}.template_fields names {field!r}, which"
                f" task {operator.task_id!r} does not have"
            )
        value = getattr(operator, field)
        if not _is_empty(value):
            setattr(operator, field, _field(operator, field, value, context, env, seen, extensions))


def _field(
    operator: Any,
    name: str,
    value: Any,
    context: Mapping[str, Any],
    env: jinja2.Environment,
    seen: set[int],
    extensions: tuple[str, ...],
) -> Any:
    """Return one rendered field; a function makes the value itself."""
    try:
        if callable(value):
            return value(context=context, jinja_env=env)
        return render(value, context, env, seen, extensions)
    except Exception as error:
        _log.error(
            "task %r: the template of field %r cannot be rendered: %r",
            operator.task_id,
            name,
            redact(value, name),
        )
        dag_id = getattr(getattr(operator, "dag", None), "dag_id", None)
        place = f" of DAG {dag_id!r}" if dag_id else ""
        file, line = getattr(operator, "made_at", ("", 0))
        made = f" ({Path(file).name}, line {line})" if line else ""
        hint = _hint(error, context, env)
        error.add_note(f"field {name!r} of task {operator.task_id!r}{place}{made}{hint}")
        raise


def _hint(error: Exception, context: Mapping[str, Any], env: jinja2.Environment) -> str:
    """Return the end of a sentence about what could not be rendered."""
    if isinstance(error, jinja2.TemplateNotFound):
        places = ", ".join(str(Path(place)) for place in getattr(env.loader, "searchpath", ()))
        return f"; it was looked for in {places}; template_searchpath of the DAG adds folders"
    said = str(error)
    if isinstance(error, jinja2.UndefinedError) and (name := _UNDEFINED.match(said)):
        return nearest(name[1], (*context, *env.globals))
    if isinstance(error, jinja2.UndefinedError) and (name := _NO_ATTRIBUTE.search(said)):
        return nearest(name[1], context.get("params") or ())
    if isinstance(error, jinja2.TemplateAssertionError) and (name := _NO_FILTER.match(said)):
        return nearest(name[1], env.filters)
    return ""


def _is_empty(value: Any) -> bool:
    try:
        return not value
    except Exception:  # a class of a user may refuse to be a truth value, as data frames do
        return False


def load_files(operator: Any, env: jinja2.Environment | None = None) -> None:
    """Replace fields that name a template file by its content, then call `prepare_template`.

    A file that cannot be read is logged; rendering then fails with the same words.
    """
    extensions = tuple(getattr(operator, "template_ext", ()))
    if extensions:
        env = env or _environment_of(operator, getattr(operator, "dag", None))
        for field in operator.template_fields:
            value = getattr(operator, field, None)
            if isinstance(value, str):
                setattr(operator, field, _content(value, extensions, env))
            elif isinstance(value, list):
                setattr(operator, field, [_content(item, extensions, env) for item in value])
    operator.prepare_template()


def _content(value: Any, extensions: tuple[str, ...], env: jinja2.Environment) -> Any:
    if not isinstance(value, str) or not value.endswith(extensions) or env.loader is None:
        return value
    try:
        return env.loader.get_source(env, value)[0]
    except jinja2.TemplateNotFound:
        places = ", ".join(str(Path(place)) for place in getattr(env.loader, "searchpath", ()))
        _log.error("there is no template file %r in %s", value, places)
        return value
