"""What small things with dicts and lists do DAG files and providers import from Airflow?

The behaviour is that of `airflow.utils.helpers` in 2.10.5 for the same input.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from itertools import filterfalse, tee
from typing import Any, Literal, TypeVar

T = TypeVar("T")
S = TypeVar("S")


def merge_dicts(dict1: dict[Any, Any], dict2: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return `dict1` with the values of `dict2` on top, dicts within dicts merged likewise."""
    merged = dict1.copy()
    for key, value in dict2.items():
        mergeable = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge_dicts(merged[key], value) if mergeable else value
    return merged


def prune_dict(val: Any, mode: Literal["strict", "truthy"] = "strict") -> Any:
    """Return `val` without the None (`strict`) or without the falsy values in it, at any depth.

    Raises:
        ValueError: `mode` is neither.
    """
    if mode not in ("strict", "truthy"):
        raise ValueError(f'prune_dict knows the modes "strict" and "truthy", not {mode!r}')

    def stays(value: Any) -> bool:
        return value is not None if mode == "strict" else bool(value)

    if isinstance(val, dict):
        pruned = {key: prune_dict(value, mode) for key, value in val.items() if stays(value)}
        return {key: value for key, value in pruned.items() if stays(value)}
    if isinstance(val, list):
        return [value for item in val if stays(item) and stays(value := prune_dict(item, mode))]
    return val


def exactly_one(*args: Any) -> bool:
    """Say whether one argument, and no other, is true.

    Raises:
        ValueError: the arguments came as one container; unpack it.
    """
    if len(args) == 1 and is_container(args[0]):
        raise ValueError("give the values one by one, as exactly_one(*values)")
    return sum(map(bool, args)) == 1


def is_container(obj: Any) -> bool:
    """Say whether `obj` holds other values; a text does not."""
    return hasattr(obj, "__iter__") and not isinstance(obj, str)


def as_tuple(obj: Any) -> tuple[Any, ...]:
    """Return the values that `obj` holds, or `obj` alone when it is no container."""
    return tuple(obj) if is_container(obj) else (obj,)


def as_flattened_list(iterable: Iterable[Iterable[T]]) -> list[T]:
    """Return the items of all the iterables, one after the other."""
    return [item for items in iterable for item in items]


def chunks(items: list[T], chunk_size: int) -> Iterator[list[T]]:
    """Yield `items` in lists of at most `chunk_size`.

    Raises:
        ValueError: `chunk_size` is not positive.
    """
    if chunk_size <= 0:
        raise ValueError(f"a chunk holds at least one item, not {chunk_size}")
    for start in range(0, len(items), chunk_size):
        yield items[start : start + chunk_size]


def reduce_in_chunks(
    fn: Callable[[S, list[T]], S], iterable: list[T], initializer: S, chunk_size: int = 0
) -> S:
    """Return `functools.reduce` of `fn` over the chunks; chunk size 0 means one chunk."""
    return reduce(fn, chunks(iterable, chunk_size or max(1, len(iterable))), initializer)


def partition(pred: Callable[[T], bool], iterable: Iterable[T]) -> tuple[Iterator[T], Iterator[T]]:
    """Return the items for which `pred` is false, and those for which it is true."""
    first, second = tee(iterable)
    return filterfalse(pred, first), filter(pred, second)


def at_most_one(*args: Any) -> bool:
    """Say whether no more than one of the arguments is truthy."""
    return sum(map(bool, args)) <= 1


def prevent_duplicates(
    kwargs1: dict[str, Any], kwargs2: Mapping[str, Any], *, fail_reason: str
) -> None:
    """Check that no argument is given twice.

    Raises:
        TypeError: one is; `fail_reason` says what it was given to.
    """
    twice = sorted(kwargs1.keys() & kwargs2.keys())
    if twice:
        raise TypeError(f"{fail_reason} argument given twice: {', '.join(twice)}")
