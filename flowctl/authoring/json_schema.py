"""Does a value fit a JSON schema? jsonschema is loaded when something is first checked."""

import json
import re
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def problem(value: Any, schema: dict[str, Any]) -> str | None:
    """Say in one line why `value` is not allowed, or None if it is.

    Source: JSON Schema draft 2020-12 or the one that `$schema` names, with formats asserted, as
    Airflow 2.10 has it.
    """
    if not schema:
        return None
    wrong = _json_problem(value)
    if wrong:
        return wrong
    library, formats = _library()
    kind = library.validators.validator_for(schema, default=library.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except library.exceptions.SchemaError as bad:
        return f"its schema is no JSON schema: {bad.message}"
    error = library.exceptions.best_match(kind(schema, format_checker=formats).iter_errors(value))
    return None if error is None else f"{error.message} (its schema is {json.dumps(schema)})"


@cache
def _library() -> tuple[Any, Any]:
    """Return jsonschema (60 ms and 5 MB that most DAG files never need) and the known formats."""
    library: Any = import_module("jsonschema")
    formats = library.FormatChecker()
    formats.checks("date-time")(_is_moment)
    return library, formats


def _is_moment(value: Any) -> bool:
    """Say whether a text is a date and time; jsonschema alone cannot tell.

    As in Airflow 2.10 one of ISO 8601 will do, so the offset and the T may be missing.
    """
    if not isinstance(value, str):
        return True
    try:
        return bool(datetime.fromisoformat(value.upper())) and not _DATE.fullmatch(value)
    except ValueError:
        return False


def _json_problem(value: Any) -> str | None:
    try:
        json.dumps(value)
    except (TypeError, ValueError) as error:
        return f"{value!r} cannot be written as JSON: {error}"
    return None
