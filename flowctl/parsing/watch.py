"""When is it worth while to look at the DAG folders again?

Soon after the kernel tells of a change (inotify), and from time to time anyway: network folders
tell nothing, and watches can run out. Both are bounded by what a sweep costs: the looks without a
reason take at most `IDLE_SHARE` of a core, those with a reason `BUSY_SHARE`. So 200 files are
looked at each second for next to nothing, and 10,000 files cost no more.

The alternative, the `watchfiles` package, would bring a thread and a binary for these two system
calls; the sweep would be needed just the same.
"""

import ctypes
import os
import struct
from collections.abc import Iterable

from flowctl.parsing.dependencies import is_bytecode

IDLE_SHARE = 0.005
BUSY_SHARE = 0.2
SWEEP_EVERY_MIN_S = 0.8

IN_CLOEXEC, IN_NONBLOCK = os.O_CLOEXEC, os.O_NONBLOCK
IN_ATTRIB, IN_CLOSE_WRITE = 0x4, 0x8
IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x40, 0x80, 0x100, 0x200
IN_DELETE_SELF, IN_MOVE_SELF = 0x400, 0x800
IN_ONLYDIR, IN_ISDIR, IN_Q_OVERFLOW, IN_IGNORED = 0x0100_0000, 0x4000_0000, 0x4000, 0x8000
MASK = (
    IN_ATTRIB
    | IN_CLOSE_WRITE
    | IN_MOVED_FROM
    | IN_MOVED_TO
    | IN_CREATE
    | IN_DELETE
    | IN_DELETE_SELF
    | IN_MOVE_SELF
    | IN_ONLYDIR
)
EVENT = struct.Struct("iIII")  # watch, mask, cookie, length of the name
NOISE = (".log", ".db", ".db-wal", ".db-shm", ".db-journal", ".swp", "~")

_libc = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Kernel watches on a set of folders. Without inotify it never tells anything."""

    def __init__(self) -> None:
        self._fd: int = _libc.inotify_init1(IN_CLOEXEC | IN_NONBLOCK)
        self._watched: dict[str, int] = {}

    def fileno(self) -> int | None:
        """Return a descriptor that is readable when something changed."""
        return self._fd if self._fd >= 0 else None

    def cover(self, folders: Iterable[str]) -> bool:
        """Watch these folders and no others; return whether new ones came.

        What happened in a new folder before it was watched was not told: sweep once more.
        """
        wanted = set(folders)
        for folder in self._watched.keys() - wanted:
            _libc.inotify_rm_watch(self._fd, self._watched.pop(folder))
        new = wanted - self._watched.keys() if self._fd >= 0 else set()
        for folder in new:
            number = _libc.inotify_add_watch(self._fd, os.fsencode(folder), MASK)
            if number >= 0:
                self._watched[folder] = number
        return any(folder in self._watched for folder in new)

    def drain(self) -> bool:
        """Take what the kernel told; return whether any of it may matter."""
        matters = False
        while self._fd >= 0:
            try:
                data = os.read(self._fd, 2**16)
            except BlockingIOError:
                break
            matters = self._matters(data) or matters
        return matters

    def close(self) -> None:
        """Stop watching."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _matters(self, data: bytes) -> bool:
        offset, matters = 0, False
        while offset < len(data):
            number, mask, _cookie, length = EVENT.unpack_from(data, offset)
            offset += EVENT.size
            name = os.fsdecode(data[offset : offset + length].rstrip(b"\0"))
            offset += length
            if mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF):
                self._forget(number)
            is_noise = name == "__pycache__" or is_bytecode(name) or name.endswith(NOISE)
            matters = matters or not is_noise
        return matters

    def _forget(self, number: int) -> None:
        """A folder is gone, or elsewhere; one that comes back under its name is watched anew."""
        self._watched = {path: other for path, other in self._watched.items() if other != number}


class Pace:
    """Says when the next sweep is due; times are monotonic seconds."""

    def __init__(self) -> None:
        self._cost_s = 0.0
        self._last_s = float("-inf")
        self._is_told = True

    def tell(self) -> None:
        """Something may have changed."""
        self._is_told = True

    def swept(self, started_s: float, ended_s: float) -> None:
        """A sweep was done."""
        self._cost_s, self._last_s, self._is_told = ended_s - started_s, ended_s, False

    @property
    def due_s(self) -> float:
        """Return when to sweep again."""
        if self._is_told:
            return self._last_s + self._cost_s / BUSY_SHARE
        return self._last_s + max(SWEEP_EVERY_MIN_S, self._cost_s / IDLE_SHARE)
