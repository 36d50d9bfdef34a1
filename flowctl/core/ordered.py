"""A list that stays in order while items come and go."""

from bisect import bisect_left, insort
from typing import Any, TypeVar

T = TypeVar("T", bound=tuple[Any, ...])


class Ordered(list[T]):
    """Items in order; each is found by halving."""

    def add(self, item: T) -> None:
        """Put an item in its place."""
        insort(self, item)

    def drop(self, item: T) -> None:
        """Take an item out, if it is there."""
        at = bisect_left(self, item)
        if at < len(self) and self[at] == item:
            del self[at]
