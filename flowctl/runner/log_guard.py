"""Does the log of an attempt keep to its limit?

The log is a file that the attempt writes itself, so it is looked at from outside, once a second.
What is too much is dropped from the middle of the log, so that its beginning and its end are there:
of the newer half only the last lines stay, after a line that says so. The attempt, which only ever
appends, goes on after them. What it writes in that very moment is lost.
"""

import os
from contextlib import suppress

from flowctl import clock
from flowctl.core import sizes
from flowctl.runner import logfiles
from flowctl.runner.spool import Key

LOOK_EVERY_S = 1.0
TAIL_BYTES = 64 * 2**10  # of the last lines, when something is dropped
DROPPED = "the log grew over {limit}, [logging] task_log_size: {dropped} were dropped here"


class LogGuard:
    """See the module."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._paths: dict[Key, str] = {}
        self.look_at = 0.0  # by the monotonic clock

    @property
    def is_busy(self) -> bool:
        """Say whether there is anything to look at."""
        return bool(self._paths)

    def began(self, key: Key, path: str) -> None:
        """Look at the log of an attempt from now on."""
        if self._limit_bytes:
            self._paths[key] = path

    def ended(self, key: Key) -> None:
        """Look at it for the last time."""
        path = self._paths.pop(key, None)
        if path is not None:
            self._hold(path)

    def look(self, now_s: float) -> None:
        """Look at all of them, if it is time for it."""
        if self._paths and now_s >= self.look_at:
            self.look_at = now_s + LOOK_EVERY_S
            for path in self._paths.values():
                self._hold(path)

    def _hold(self, path: str) -> None:
        with suppress(OSError):  # there is none yet, or no more
            size_bytes = os.stat(path).st_size
            if size_bytes > self._limit_bytes:
                self._cut(path, size_bytes)

    def _cut(self, path: str, size_bytes: int) -> None:
        head_bytes = self._limit_bytes // 2
        with open(path, "rb") as file:
            file.seek(-min(TAIL_BYTES, head_bytes // 2), os.SEEK_END)
            _, _, tail = file.read().partition(b"\n")
        os.truncate(path, head_bytes)
        limit, dropped = map(sizes.shown, (self._limit_bytes, size_bytes - head_bytes - len(tail)))
        line = logfiles.line(
            DROPPED.format(limit=limit, dropped=dropped), clock.utcnow(), "WARNING"
        )
        with open(path, "ab") as file:
            file.write(b"\n" + line + tail)
