"""Does an attempt keep to its memory limit, and what does it take?

The kernel holds it to the limit where control groups can be had (`runner.cgroups`). Elsewhere the
resident memory of all its processes is looked at every 0.2 s, and more than the limit ends it. Only
attempts with a limit, or of which much is expected, are looked at: the others cost nothing.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from flowctl.core import sizes
from flowctl.core.attempt import Order
from flowctl.runner import proc
from flowctl.runner.cgroups import Groups
from flowctl.runner.spool import Key

LOOK_EVERY_S = 0.2  # a look reads /proc/PID/stat of all processes, 15 us each
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
STEP_BYTES = 16 * 2**20  # what is told of them is rounded down to that
RESIDENT = "resident memory, looked at every 0.2 s"


@dataclass(slots=True)
class Watched:
    """An attempt that is looked at."""

    limit_bytes: int | None
    is_grouped: bool  # the kernel holds it to the limit
    pid: int = 0
    now_bytes: int = 0
    peak_bytes: int = 0


class MemoryGuard:
    """See the module."""

    def __init__(self, groups: Groups | None) -> None:
        self._groups = groups
        self._watched: dict[Key, Watched] = {}
        self._told: dict[int, int] = {}
        self.look_at = 0.0  # by the monotonic clock

    @property
    def way(self) -> str:
        """Say in words how limits are enforced."""
        return self._groups.version.name if self._groups else RESIDENT

    @property
    def is_busy(self) -> bool:
        """Say whether there is anything to look at."""
        return bool(self._watched)

    def news(self) -> dict[int, int] | None:
        """Return what they take now, by task instance; None while it is about the same."""
        taken = {
            key[0]: one.now_bytes // STEP_BYTES * STEP_BYTES for key, one in self._watched.items()
        }
        if taken == self._told:
            return None
        self._told = taken
        return taken

    def group(self, order: Order) -> str:
        """Return the file through which the process of an attempt enters its group, or ""."""
        if order.memory_bytes is None or self._groups is None:
            return ""
        try:
            return self._groups.make(order.key, order.memory_bytes)
        except OSError:  # it is looked at instead
            return ""

    def began(self, order: Order, pid: int) -> None:
        """Look at the process of an attempt from now on, if that is wanted."""
        if order.callback_id or not (order.memory_bytes or order.expected_bytes):
            return
        is_grouped = order.memory_bytes is not None and self._is_grouped(order.key)
        self._watched[order.key] = Watched(order.memory_bytes, is_grouped, pid)

    def _is_grouped(self, key: Key) -> bool:
        return self._groups is not None and self._groups.has(key)

    def look(self, now_s: float) -> list[tuple[Key, str]]:
        """Look at all of them; return which of them must end, and why."""
        if not self._watched or now_s < self.look_at:
            return []
        self.look_at = now_s + LOOK_EVERY_S
        found = resident({one.pid for one in self._watched.values()})
        over = []
        for key, one in self._watched.items():
            one.now_bytes = found[one.pid]
            one.peak_bytes = max(one.peak_bytes, one.now_bytes)
            if one.limit_bytes and not one.is_grouped and one.now_bytes > one.limit_bytes:
                over.append((key, reason(one.limit_bytes, one.peak_bytes)))
        return over

    def close(self) -> None:
        """Leave nothing behind that is not in use."""
        if self._groups is not None:
            self._groups.close()

    def forget(self, key: Key) -> None:
        """Keep nothing of an attempt."""
        self._watched.pop(key, None)
        if self._groups is not None:
            self._groups.remove(key)

    def ended(self, order: Order, peak_bytes: int, *, was_killed: bool) -> tuple[int, str]:
        """Stop looking at an attempt whose processes are gone; `forget` it after that.

        Args:
            peak_bytes: of its own process alone, as its parent saw it.
            was_killed: by the kernel or somebody, not by itself.

        Returns:
            The most that it took, and why it ended if that was its limit.
        """
        one = self._watched.pop(order.key, None)
        peak_bytes = max(peak_bytes, one.peak_bytes if one else 0)
        limit = order.memory_bytes
        if limit is None:
            return peak_bytes, ""
        counted = peak_bytes
        is_over = was_killed and peak_bytes >= limit
        if self._groups is not None and self._groups.has(order.key):
            is_over = self._groups.was_exceeded(order.key)
            counted = self._groups.peak_bytes(order.key) or limit
        return peak_bytes, reason(limit, counted) if is_over else ""


def reason(limit_bytes: int, peak_bytes: int) -> str:
    """Say that an attempt was over its limit."""
    return f"out of memory (limit {sizes.shown(limit_bytes)}, peak {sizes.shown(peak_bytes)})"


def resident(leaders: Iterable[int]) -> dict[int, int]:
    """Return for each leader of a session the resident bytes of its processes and descendants."""
    parents: dict[int, int] = {}
    sessions: dict[int, int] = {}
    pages: dict[int, int] = {}
    for pid, fields in proc.stats():
        parents[pid], sessions[pid] = int(fields[proc.PARENT]), int(fields[proc.SESSION])
        pages[pid] = int(fields[proc.RESIDENT_PAGES])
    wanted = set(leaders)
    sums: dict[int, int] = defaultdict(int)
    for pid, count in pages.items():
        above = pid
        while above not in wanted and sessions.get(above, 0) not in wanted and above > 1:
            above = parents.get(above, 0)
        owner = above if above in wanted else sessions.get(above, 0)
        if owner in wanted:
            sums[owner] += count * PAGE_BYTES
    return sums
