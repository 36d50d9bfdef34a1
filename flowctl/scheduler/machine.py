"""How much memory may tasks take, and how much of it does nobody take now?"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from flowctl.core.headroom import Budget
from flowctl.runner import cgroups

LOOK_EVERY_S = 0.1


class Machine:
    """This machine, or the part of it that a control group leaves to flowctl.

    Args:
        budget: what tasks may take together: bytes, or a part of all memory up to 1.0.
    """

    def __init__(self, budget: int | float, proc: Path = Path("/proc")) -> None:
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
