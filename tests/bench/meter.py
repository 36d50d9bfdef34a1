"""How much CPU a stretch of time cost us, part by part, and how much others used meanwhile."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.bench import procfs
from tests.bench.site import Site

DATABASE = "postgres"


@dataclass(frozen=True)
class Reading:
    """CPU seconds since the meter was started."""

    wall_s: float
    parts: Mapping[str, float]  # by kind of process
    foreign_cores: float

    def per_task_ms(self, tasks: int) -> dict[str, float]:
        """Return CPU milliseconds per task, part by part."""
        return {f"cpu ms/task {part}": 1000 * s / tasks for part, s in sorted(self.parts.items())}


class Meter:
    """Measures from its making to `read()`."""

    def __init__(self, site: Site | None = None) -> None:
        self._site = site
        self._began = time.monotonic()
        self._busy = procfs.busy_s()
        self._own = self._mine()

    def read(self) -> Reading:
        """Return what was used since the meter was made."""
        wall = time.monotonic() - self._began
        busy = procfs.busy_s() - self._busy
        own = {part: s - self._own.get(part, 0.0) for part, s in self._mine().items()}
        own = {part: max(0.0, s) for part, s in own.items()}
        foreign = max(0.0, busy - sum(own.values())) / wall
        return Reading(wall, {part: s for part, s in own.items() if part != "bench"}, foreign)

    def _mine(self) -> dict[str, float]:
        ours = set(self._site.pids()) if self._site is not None else set()
        mine = set(procfs.descendants([os.getpid()])) - ours
        database = set(procfs.named(mine, DATABASE))
        parts = {part: usage.cpu_s for part, usage in procfs.by_kind(ours).items()}
        parts["bench"] = sum(procfs.cpu_s(pid) for pid in mine - database)
        if database:
            parts[DATABASE] = sum(procfs.cpu_s(pid) for pid in database)
        return parts
