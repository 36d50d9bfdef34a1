"""How much memory may tasks take, how much of it does nobody take now, and are disks full?"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from flowctl.core.headroom import Budget
from flowctl.runner import cgroups
from flowctl.store import disks

LOOK_EVERY_S = 0.1
DISKS_EVERY_S = 1.0


class Machine:
    """This machine, or the part of it that a control group leaves to flowctl.

    Args:
        budget: what tasks may take together: bytes, or a part of all memory up to 1.0.
        places: the folders that need room, by what is in them.
    """

    def __init__(
        self,
        budget: int | float,
        proc: Path = Path("/proc"),
        *,
        places: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        self._places = places
        self._full: tuple[str, ...] = ()
        self._disks_at = 0.0
        self._meminfo = proc / "meminfo"
        self._groups = list(cgroups.own(proc / "self"))
        memory = self._memory()
        self._all = min([memory["MemTotal"], *(limit for limit, _ in self._group_room())])
        self._total = budget if isinstance(budget, int) else int(budget * self._all)
        self._available = 0
        self._looked_at = 0.0

    def budget(self, taken: Mapping[int, int]) -> Budget:
        """Return what is known now; `taken` by attempts, by task instance."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            room = [available for _, available in self._group_room()]
            self._available = min([self._memory()["MemAvailable"], *room])
        return Budget(self._total, self._available, dict(taken))

    def full_disks(self) -> tuple[str, ...]:
        """Return what lies on disks that are full, as they were a moment ago."""
        now = time.monotonic()
        if now - self._disks_at >= DISKS_EVERY_S:
            self._disks_at, self._full = now, tuple(disks.full(self._places))
        return self._full

    def _memory(self) -> dict[str, int]:
        lines = self._meminfo.read_text().splitlines()
        return {
            name: int(rest.split()[0]) * 1024 for name, _, rest in (x.partition(":") for x in lines)
        }

    def _group_room(self) -> Iterator[tuple[int, int]]:
        """Yield the limit of each group around this process, and what is left of it."""
        for folder, version in self._groups:
            limit = cgroups.number(folder / version.limit)
            if limit is not None:
                used = cgroups.number(folder / version.usage) or 0
                idle = cgroups.field(folder / "memory.stat", version.cache)
                yield limit, max(0, limit - used + idle)
