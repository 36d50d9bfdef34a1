"""Which daemons of this home run? Each keeps a file locked for as long as it lives.

A file in `$FLOWCTL_HOME/run/daemons/` is named by what the daemon is and its pid. The lock is one
of `fcntl`: the kernel drops it when the process ends, however it ends, keeps it over `exec`, does
not hand it to children, and says whose it is. So a pid read here is never that of a stranger.
"""

import contextlib
import fcntl
import os
import signal
import struct
from pathlib import Path
from typing import NamedTuple

from flowctl.errors import FlowctlError

_FLOCK = "hhqqi4x"  # struct flock of Linux: type, whence, start, length, pid


class DaemonRuns(FlowctlError):
    """A daemon with that pid file runs already."""


class Daemon(NamedTuple):
    """A living daemon; `pidfd` names it until it is closed."""

    kind: str
    pid: int
    pidfd: int


def folder(home: Path) -> Path:
    """Return where the files are."""
    return home / "run" / "daemons"


def register(home: Path, kind: str) -> None:
    """Say that this process is a daemon, until it ends."""
    place = folder(home)
    home.joinpath("run").mkdir(parents=True, exist_ok=True, mode=0o700)
    place.mkdir(exist_ok=True, mode=0o700)
    hold(place / f"{kind}.{os.getpid()}", waits=True)  # for somebody who is deleting a stale one


def hold(path: Path, *, waits: bool = False) -> None:
    """Lock a pid file for the rest of this process's life, over `exec` too.

    Args:
        waits: whoever holds it will let it go at once.

    Raises:
        DaemonRuns: a living process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = _locked(path, waits)
    while not _is_at(fd, path):  # whoever looked for stale files deleted it in between
        os.close(fd)
        fd = _locked(path, waits)
    os.set_inheritable(fd, True)
    os.ftruncate(fd, 0)
    os.write(fd, f"{os.getpid()}\n".encode())


def let_go(path: Path, pid: int) -> None:
    """Delete a pid file as its holder ends; in a child of it, whose `pid` is another, do nothing.

    The lock is still held: nobody has taken the file meanwhile.
    """
    if os.getpid() == pid:
        path.unlink(missing_ok=True)


def _locked(path: Path, waits: bool) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except OSError as error:
        os.close(fd)
        raise DaemonRuns(
            f"process {holder(path)} runs already and holds {path}; end it with: flowctl stop"
        ) from error
    return fd


def _is_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def holder(path: Path) -> int | None:
    """Return the pid of the living process that holds a pid file, or None.

    A process must not ask about its own file: closing it drops the lock.
    """
    try:
        with path.open("rb") as file:
            wanted = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, *_, pid = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, wanted))
    except OSError:
        return None
    return None if kind == fcntl.F_UNLCK else int(pid)


def daemons(home: Path) -> list[Daemon]:
    """Return the daemons that run; files of those that are gone are deleted. Close the pidfds."""
    found = []
    for path in sorted(folder(home).glob("*.*")):
        daemon = _daemon(path)
        if daemon is None:
            _forget(path)
        else:
            found.append(daemon)
    return found


def _forget(path: Path) -> None:
    """Delete a file unless a daemon takes it at this moment: the lock is between the two."""
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(fd, path):
            path.unlink()
    except BlockingIOError:
        pass
    finally:
        os.close(fd)


def _daemon(path: Path) -> Daemon | None:
    """Return who holds the file; asked again once a pidfd pins the process."""
    pid = holder(path)
    if pid is None:
        return None
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return None
    if holder(path) != pid:
        os.close(pidfd)
        return None
    return Daemon(path.name.partition(".")[0], pid, pidfd)


def tell(daemon: Daemon, number: signal.Signals) -> None:
    """Signal exactly this process; one that is gone is left in peace."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(daemon.pidfd, number)
