"""How processes of one home are tied: who ends with whom, and which process is the runner."""

import ctypes
import os
import signal
import socket
import struct
from pathlib import Path

from flowctl.runner import sockets

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


def end_with(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel signal this process when the thread that started it ends.

    Args:
        parent: the pid of who started it; when that is gone already, the signal comes at once.
    """
    _LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def become_subreaper() -> None:
    """Make this process the parent of every orphan among its descendants."""
    _LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def runner_pid(home: Path) -> int | None:
    """Return the pid of the runner of this home, as the kernel knows who listens; None: no runner.

    The answer comes from the socket, not from a file, so it is never that of a stranger.
    """
    try:
        with sockets.connect(home / "run" / "runner.sock") as client:
            raw = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    except OSError:
        return None
    pid: int = _CREDENTIALS.unpack(raw)[0]
    return pid
