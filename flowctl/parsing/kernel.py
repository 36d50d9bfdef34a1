"""The few things asked of the Linux kernel that the standard library has no function for."""

import ctypes
import os
import signal
from collections.abc import Iterator

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


def become_subreaper() -> None:
    """Make what loses its parent below this process a child of this process."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with(parent: int) -> None:
    """Have this process killed when `parent`, its parent, ends."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)


def children() -> Iterator[int]:
    """Yield the process ids of this process's children, also of those that have ended."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as listing:
        yield from map(int, listing.read().split())
