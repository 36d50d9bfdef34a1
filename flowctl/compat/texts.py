"""What small things with texts do DAG files and providers import from Airflow?"""

import random
import re
import string
from typing import TYPE_CHECKING, Any

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.ids import ID_LENGTH_MAX, checked
from flowctl.late import Late

if TYPE_CHECKING:
    import jinja2
    import jinja2.nativetypes
else:
    jinja2 = Late("jinja2")

TRUE_LIKE_VALUES = {"on", "t", "true", "y", "yes", "1"}

_CAMEL = re.compile(r"(?!^)([A-Z]+)")


def to_boolean(astring: str | None) -> bool:
    """Say whether a text means yes; None and an empty text do not."""
    return astring is not None and astring.lower() in TRUE_LIKE_VALUES


def get_random_string(length: int = 8, choices: str = string.ascii_letters + string.digits) -> str:
    """Return random characters; not for passwords."""
    return "".join(random.choices(choices, k=length))


def convert_camel_to_snake(camel_str: str) -> str:
    """Return "CamelCase" as "camel_case"."""
    return _CAMEL.sub(r"_\1", camel_str).lower()


def validate_key(k: str, max_length: int = ID_LENGTH_MAX) -> None:
    """Check that a text can be the id of a DAG or a task.

    Raises:
        AirflowException: it cannot.
        TypeError: it is no text.
    """
    _check_length(checked("key", k), max_length)


def validate_group_key(k: str, max_length: int = 200) -> None:
    """Check that a text can be the id of a task group, which has no dots.

    Raises:
        AirflowException: it cannot.
        TypeError: it is no text.
    """
    _check_length(checked("key", k, dots=False), max_length)


def _check_length(key: str, length_max: int) -> None:
    if len(key) > length_max:
        raise AirflowException(f"the key {key!r} has more than {length_max} characters")


def parse_template_string(template_string: str) -> tuple[str | None, Any]:
    """Return a text that may be a template: (text, None), or (None, template)."""
    if "{{" in template_string:
        return None, jinja2.Template(template_string)
    return template_string, None


def render_template(template: Any, context: Any, *, native: bool) -> Any:
    """Return a Jinja template filled in; `native` keeps the type of what is in it."""
    nodes = template.root_render_func(template.new_context(dict(context.items())))
    return jinja2.nativetypes.native_concat(nodes) if native else "".join(nodes)


def render_template_to_string(template: Any, context: Any) -> str:
    """Return a Jinja template filled in, as text."""
    return str(render_template(template, context, native=False))


def render_template_as_native(template: Any, context: Any) -> Any:
    """Return a Jinja template filled in, with the type of what is in it."""
    return render_template(template, context, native=True)
