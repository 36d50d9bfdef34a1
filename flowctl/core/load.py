"""How full were the pools, and the executor, over time?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from flowctl.core.slots import EXECUTOR
from flowctl.core.world import World


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of time: slots taken on average, and at most."""

    begin: datetime
    mean: float
    peak: int


class Load:
    """The slots taken in a world, each time that somebody noted them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._changes: dict[str, list[tuple[datetime, int]]] = {EXECUTOR: []}
        self._changes |= {name: [] for name in world.pools}

    def note(self, now: datetime) -> None:
        """Note what is taken now."""
        usage = self._world.usage
        for name, changes in self._changes.items():
            if name == EXECUTOR:
                taken = usage.total
            else:
                taken = usage.pools.get(name, 0)
                if self._world.pools[name].include_deferred:
                    taken += usage.pools_deferred.get(name, 0)
            if taken != (changes[-1][1] if changes else 0):
                changes.append((now, taken))

    def steps(self, name: str, begin: datetime, end: datetime, length: timedelta) -> list[Step]:
        """Return the load from `begin` to `end` in steps; the last may be shorter.

        Args:
            name: of a pool, or `EXECUTOR`.
        """
        count = -(-(end - begin) // length)
        taken_s, peaks = [0.0] * count, [0] * count
        for since, until, taken in self._stretches(name, end):
            at = (since - begin) // length
            while since < until:
                border = min(until, begin + (at + 1) * length)
                taken_s[at] += taken * (border - since).total_seconds()
                peaks[at] = max(peaks[at], taken)
                since, at = border, at + 1
        found = []
        for at in range(count):
            first = begin + at * length
            length_s = (min(end, first + length) - first).total_seconds()
            found.append(Step(first, taken_s[at] / length_s, peaks[at]))
        return found

    def _stretches(self, name: str, end: datetime) -> Iterator[tuple[datetime, datetime, int]]:
        for (since, taken), (until, _) in pairwise([*self._changes[name], (end, 0)]):
            yield since, until, taken

    @property
    def names(self) -> list[str]:
        """Return the executor and the pools."""
        return list(self._changes)

    def slots(self, name: str) -> int:
        """Return how many there are; -1: no limit."""
        return self._world.parallelism if name == EXECUTOR else self._world.pools[name].slots
