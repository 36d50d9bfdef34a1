"""How much history does a DAG keep? `DAG(retention=...)`, which Airflow has not."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.hints import nearest
from flowctl.core import sizes
from flowctl.core.retention import Retention


def _age(value: Any) -> timedelta:
    if not isinstance(value, timedelta) or value < timedelta():
        raise ValueError(f"a timedelta, not {value!r}")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"a whole number, 0 for all, not {value!r}")
    return value


def _size(value: Any) -> int:
    try:
        return sizes.parse(value)
    except ValueError:
        raise ValueError(f"{sizes.FORMS}, not {value!r}") from None


KEYS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "age": ("age", _age),  # of runs, since their end
    "runs": ("runs", _number),
    "log_age": ("log_age", _age),
    "log_size": ("log_bytes", _size),
}
"""By the key that authors write: the field of `Retention`, and what reads it."""


def checked_retention(where: str, given: Any) -> Retention | None:
    """Return what a DAG says of its history: an age, or a dict with some of `KEYS`.

    Raises:
        AirflowException: it makes no sense.
    """
    if given is None:
        return None
    if isinstance(given, timedelta):
        given = {"age": given}
    if not isinstance(given, Mapping):
        raise AirflowException(
            f"retention of {where} is a timedelta, or a dict with some of"
            f" {', '.join(KEYS)}; not {given!r}"
        )
    found = {}
    for key, value in given.items():
        if key not in KEYS:
            raise AirflowException(
                f"retention of {where} has no {key!r}, only {', '.join(KEYS)}{nearest(key, KEYS)}"
            )
        name, read = KEYS[key]
        try:
            found[name] = read(value)
        except ValueError as error:
            raise AirflowException(f"retention[{key!r}] of {where} is {error}") from None
    return Retention(**found)
