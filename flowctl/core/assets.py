"""What is an asset, what may be known of its updates, and when do they make a DAG due?

An asset is whatever lives at a URI; a name is another way to say which one. A condition is a tree
over assets, told apart by their *keys*: ("asset", uri), ("name", name) or ("alias", name of an
alias, which stands for every asset that was updated through it). What was updated is a set of keys.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

Key = tuple[str, str]
ASSET: Literal["asset"] = "asset"
ALIAS: Literal["alias"] = "alias"
NAME: Literal["name"] = "name"


class WatcherSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """What updates an asset from outside: a trigger, by the path of its class and its arguments.

    `kwargs` is a text of plain data; "" in the stored versions of DAGs, as it may hold secrets.
    """

    name: str
    classpath: str
    kwargs: str = ""


class AssetSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """An asset as a DAG file describes it."""

    uri: str
    name: str
    group: str = "asset"
    extra: dict[str, Any] = {}
    watchers: tuple[WatcherSpec, ...] = ()


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which assets must have been updated: one of them, or `parts` joined by all or any."""

    kind: Literal["asset", "alias", "name", "all", "any"]
    key: str = ""
    parts: tuple["Condition", ...] = ()


class AssetUpdate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one attempt says of one asset: an event, once the attempt's success is recorded."""

    asset: AssetSpec
    extra: dict[str, Any] = {}
    aliases: tuple[str, ...] = ()  # through which it was updated


_JOINS: Mapping[str, Callable[[Iterable[bool]], bool]] = {"all": all, "any": any}


def is_met(condition: Condition, updated: Collection[Key]) -> bool:
    """Say whether these updates meet the condition; none at all meets no condition."""
    if not updated:
        return False
    join = _JOINS.get(condition.kind)
    if join is None:
        return (condition.kind, condition.key) in updated
    return join(is_met(part, updated) for part in condition.parts)


def keys(condition: Condition) -> tuple[Key, ...]:
    """Return the keys in the condition, each once, in the order of the file."""
    return tuple(dict.fromkeys(_walk(condition)))


def _walk(condition: Condition) -> Iterator[Key]:
    if condition.kind not in _JOINS:
        yield condition.kind, condition.key
    for part in condition.parts:
        yield from _walk(part)


def expression(condition: Condition) -> Any:
    """Return the condition in the form in which Airflow's API shows it.

    Source: Airflow 2.10's `dataset_expression`: a URI, {"alias": name}, {"any": [...]}.
    """
    if condition.kind in _JOINS:
        return {condition.kind: [expression(part) for part in condition.parts]}
    return condition.key if condition.kind == ASSET else {condition.kind: condition.key}


def progress(condition: Condition, updated: Collection[Key]) -> tuple[int, int]:
    """Return how many of the condition's assets were updated, and of how many."""
    wanted = keys(condition)
    return sum(key in updated for key in wanted), len(wanted)
