"""How is what DAGs and tasks have in common written down plainly?"""

import json
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flowctl.authoring import listeners
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.params import ParamsDict
from flowctl.authoring.settings import is_set


def params(given: ParamsDict, where: str) -> dict[str, Any]:
    """Return value, schema and description of each param; a required one has no "value".

    A value that JSON cannot say is shown as text; tasks find it as the DAG file made it. Where the
    order is not that of the names, as which a spec is kept, each says its "place".
    """
    found: dict[str, Any] = {}
    is_sorted = list(given) == sorted(given)
    for name, one in given.items():
        facts, what = param(one), f"param {name!r} of {where}"
        try:
            json.dumps(facts.get("value"), allow_nan=False, default=_as_list)
        except (TypeError, ValueError) as error:
            warnings.warn(f"{what} cannot be written as JSON: {error}", stacklevel=2)
            facts |= {"value": str(facts["value"]), "is_json": False}
        facts |= {} if is_sorted else {"place": len(found)}
        found[name] = value(facts, what)
    return found


def param(given: Any) -> dict[str, Any]:
    """Return what is said of a param; what is not said is left out."""
    facts = {"value": given.value, "schema": given.schema, "description": given.description}
    return {name: fact for name, fact in facts.items() if is_set(fact)}


def events(owner: Any, names: tuple[str, ...], heard: Mapping[str, str]) -> tuple[str, ...]:
    """Return the events of which somebody is to be told: callbacks, or listeners of plugins."""
    return tuple(
        event
        for event in names
        if getattr(owner, f"on_{event}_callback", None)
        or (event in heard and listeners.is_heard(heard[event]))
    )


def moment(given: datetime | None) -> datetime | None:
    """Return a moment in UTC."""
    return given and plain_utc(given)


def value(given: Any, what: str) -> Any:
    """Return what was given as JSON would give it back.

    Raises:
        AirflowException: JSON cannot say it.
    """
    try:
        return json.loads(json.dumps(given, allow_nan=False, default=_as_list))
    except (TypeError, ValueError) as error:
        raise AirflowException(f"{what} cannot be written as JSON: {error}") from None


def _as_list(given: Any) -> Any:
    if isinstance(given, set | frozenset):
        return sorted(given)
    if isinstance(given, Mapping):
        return dict(given)
    raise TypeError(f"{given!r} is a {type(given).__name__}")
