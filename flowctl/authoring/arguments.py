"""Does an argument of a DAG or a task make sense, and if not, how is that said?"""

import warnings
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.hints import nearest, unknown_arguments
from flowctl.authoring.settings import defaults
from flowctl.core import sizes
from flowctl.core.states import RunType

TAG_LENGTH_MAX = 100
RUN_TYPES_OF_AIRFLOW_3: dict[str, str] = {
    "operator_triggered": RunType.MANUAL,
    "asset_triggered": RunType.DATASET_TRIGGERED,
    "asset_materialization": RunType.MANUAL,
}
"""What is made of those that flowctl does not tell apart."""


def renamed(where: str, old: str, new: str, stacklevel: int = 2) -> None:
    """Warn that an argument has another name today; `stacklevel` as seen from the caller."""
    warnings.warn(
        f"{old} of {where} is called {new} now", DeprecationWarning, stacklevel=stacklevel + 1
    )


def whole_number(where: str, name: str, value: Any, empty: int) -> int:
    """Return `value` as a number; None is `empty`, a text or fraction is taken with a warning.

    Raises:
        AirflowException: it is no number.
    """
    if value is None:
        return empty
    if isinstance(value, int):
        return int(value)
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise AirflowException(f"{name} of {where} is a whole number, not {value!r}") from None
    warnings.warn(f"{name} of {where} is {value!r}; taken as {number}", stacklevel=4)
    return number


def at_least(where: str, name: str, value: Any, least: int) -> int:
    """Return a whole number.

    Raises:
        ValueError: it is none, or less than `least`.
    """
    if not isinstance(value, int) or value < least:
        raise ValueError(f"{name} of {where} is a whole number from {least} on, not {value!r}")
    return value


def weight(where: str, value: Any) -> int:
    """Return a `priority_weight`.

    Raises:
        AirflowException: it is no whole number.
    """
    if not isinstance(value, int):
        raise AirflowException(f"priority_weight of {where} is a whole number, not {value!r}")
    return value


def growth(where: str, given: Any) -> float | bool:
    """Return by how much a delay grows with each retry; False means not, and True by two.

    Raises:
        AirflowException: it makes no sense.
    """
    if isinstance(given, bool) or given is None:
        return bool(given)
    if not isinstance(given, int | float) or given < 0:
        raise AirflowException(
            f"retry_exponential_backoff of {where} is True, False or a factor, not {given!r}"
        )
    return float(given)


def timeout(where: str, value: Any) -> timedelta | None:
    """Return an `execution_timeout`.

    Raises:
        ValueError: it is no duration.
    """
    if not isinstance(value, timedelta | None):
        raise ValueError(f"execution_timeout of {where} is a timedelta, not {value!r}")
    return value


def duration(where: str, name: str, value: Any) -> timedelta:
    """Return a duration that was given as one or in seconds.

    Raises:
        TypeError: it was given as something else.
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float):
        return timedelta(seconds=value)
    raise TypeError(f"{name} of {where} is a timedelta or a number of seconds, not {value!r}")


def memory(where: str, name: str, value: Any) -> int | None:
    """Return a limit of memory in bytes; None and 0 are none.

    Raises:
        ValueError: it is no size.
    """
    try:
        return sizes.parse(value) or None if value is not None else None
    except ValueError:
        raise ValueError(f"{name} of {where} is {sizes.FORMS}, not {value!r}") from None


def checked_rule(where: str, name: str, value: Any, rules: type[StrEnum]) -> str:
    """Return `value` as plain text if it is one of `rules`.

    Raises:
        AirflowException: it is not.
    """
    if value not in set(rules):
        raise AirflowException(
            f"{name} of {where} is {value!r}; it must be one of {', '.join(sorted(rules))}"
            f"{nearest(value, rules)}"
        )
    return rules(value)


def callbacks(where: str, name: str, given: Any) -> Any:
    """Return one or several functions as they were given.

    Raises:
        AirflowException: something among them cannot be called.
    """
    several = isinstance(given, Iterable) and not isinstance(given, str | dict)
    for one in given if several else [given]:
        if one is not None and not callable(one):
            raise AirflowException(
                f"{name} of {where} is a function or a list of them, not {one!r}"
            )
    return given


def without_extra(where: str, kind: type, extra: dict[str, Any]) -> None:
    """Complain of arguments that nothing takes.

    Raises:
        AirflowException: there are some, and the configuration does not allow them.
    """
    if not extra:
        return
    sentence = unknown_arguments(where, kind, extra)
    if not defaults.allow_illegal_arguments:
        raise AirflowException(sentence)
    warnings.warn(sentence, stacklevel=5)


def typed(where: str, name: str, value: Any, kind: Any) -> Any:
    """Return `value` if it is None or of a type.

    Raises:
        TypeError: it is not.
    """
    if value is not None and not isinstance(value, kind):
        expected = getattr(kind, "__name__", "list")
        raise TypeError(
            f"{name} of {where} is a {expected}, not {value!r} ({type(value).__name__})"
        )
    return value


def window(where: str, name: str, value: Any) -> timedelta | None:
    """Return a duration that bounds something; None and no time at all mean that nothing does.

    Raises:
        TypeError: it is no duration.
        AirflowException: it is negative.
    """
    found: timedelta | None = typed(where, name, value, timedelta)
    if found is not None and found < timedelta(0):
        raise AirflowException(f"{name} of {where} is {found}; it must not be negative")
    return found or None


def one_of(where: str, name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return `value` if it is one of `allowed`.

    Raises:
        AirflowException: it is not.
    """
    if value not in allowed:
        raise AirflowException(
            f"{name} of {where} is {value!r}; it must be one of {', '.join(allowed)}"
            f"{nearest(value, allowed)}"
        )
    return value


def listed(paths: str | Iterable[str] | None) -> list[str] | None:
    """Return one or several paths as a list; None stays None."""
    return [paths] if isinstance(paths, str) else paths and [str(path) for path in paths]  # type: ignore[return-value]  # None stays None


def checked_tags(where: str, given: Any) -> list[str]:
    """Return the tags as a list.

    Raises:
        TypeError: they are no collection.
        AirflowException: one is no text, or too long.
    """
    tags = list(typed(where, "tags", given, list | tuple | set | frozenset) or ())
    for tag in tags:
        if not isinstance(tag, str) or len(tag) > TAG_LENGTH_MAX:
            raise AirflowException(
                f"tag {tag!r} of {where} is not a text of at most {TAG_LENGTH_MAX} characters"
            )
    return tags


def run_types(where: str, given: Any) -> frozenset[str] | None:
    """Return the kinds of run that a DAG may have; None means all.

    Raises:
        ValueError: there is no such kind.
    """
    if given is None:
        return None
    kinds = frozenset(str(kind) for kind in ([given] if isinstance(given, str) else given))
    known = {*map(str, RunType), *RUN_TYPES_OF_AIRFLOW_3}
    if kinds - known:
        raise ValueError(
            f"allowed_run_types of {where} has {sorted(kinds - known)};"
            f" there are {', '.join(sorted(known))}"
        )
    return frozenset(RUN_TYPES_OF_AIRFLOW_3.get(kind, kind) for kind in kinds)


def without_effect(where: str, **given: tuple[Any, str]) -> None:
    """Warn of each argument that was given (not None), and say what flowctl does instead."""
    for name, (value, instead) in given.items():
        if value is not None:
            warnings.warn(f"{name} of {where} has no effect in flowctl: {instead}", stacklevel=5)


def checked_links(where: str, links: dict[str, str] | None) -> dict[str, str]:
    """Return links by owner.

    Raises:
        AirflowException: one is neither a web nor a mail address.
    """
    for owner, link in (links or {}).items():
        parts = urlsplit(link)
        if not (parts.scheme in ("http", "https") and parts.netloc) and not (
            parts.scheme == "mailto" and "@" in parts.path
        ):
            raise AirflowException(
                f"owner_links of {where}: {link!r} of {owner!r} is no link; use https:// or mailto:"
            )
    return links or {}
