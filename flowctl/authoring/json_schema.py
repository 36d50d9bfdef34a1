"""Does a value fit a JSON schema? jsonschema is loaded when something is first checked."""

import json
from importlib import import_module
from typing import Any


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
    library: Any = import_module("jsonschema")  # 60 ms and 5 MB that most DAG files never need
    kind = library.validators.validator_for(schema, default=library.Draft202012Validator)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    try:
        error = library.exceptions.best_match(validator.iter_errors(value))
    except library.exceptions.SchemaError as bad:
        return f"its schema is no JSON schema: {bad.message}"
    return None if error is None else f"{error.message} (schema {schema})"


def _json_problem(value: Any) -> str | None:
    try:
        json.dumps(value)
    except (TypeError, ValueError) as error:
        return f"{value!r} cannot be written as JSON: {error}"
    return None
