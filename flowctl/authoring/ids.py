"""Which texts may name a DAG, a task or a task group, and how do ids of copies look?"""

import re
from collections.abc import Container
from typing import Any

from flowctl.authoring.exceptions import AirflowException

ID_LENGTH_MAX = 250
_ID = re.compile(r"[\w.-]+")
_GROUP_ID = re.compile(r"[\w-]+")
_COPY = re.compile(r"__\d+$")


def checked(kind: str, value: Any, *, dots: bool = True) -> str:
    """Return `value` if it may be the id of a `kind` ("DAG", "task", "task group").

    Args:
        kind: what the id is for, as the error shall say it.
        value: the id.
        dots: whether dots are allowed; they divide the ids of groups from those of their tasks.

    Raises:
        TypeError: it is no text.
        AirflowException: it is empty, too long, or has a character that is not allowed.
    """
    if not isinstance(value, str):
        raise TypeError(f"the id of a {kind} is a text, not {value!r} ({type(value).__name__})")
    if len(value) > ID_LENGTH_MAX:
        raise AirflowException(
            f"the id {value[:40]!r}... of a {kind} has {len(value)} characters,"
            f" {ID_LENGTH_MAX} are allowed"
        )
    if not (_ID if dots else _GROUP_ID).fullmatch(value):
        allowed = "letters, digits, dashes, dots and underscores"
        raise AirflowException(
            f"{value!r} cannot be the id of a {kind}; use only"
            f" {allowed if dots else allowed.replace(', dots', '')}"
        )
    return value


def unused(wanted: str, used: Container[str]) -> str:
    """Return `wanted`, or the first free one of `wanted__1`, `wanted__2` ..."""
    if wanted not in used:
        return wanted
    stem = _COPY.split(wanted)[0]
    number = 1
    while f"{stem}__{number}" in used:
        number += 1
    return f"{stem}__{number}"
