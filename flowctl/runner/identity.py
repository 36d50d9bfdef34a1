"""Which process is it? A pid alone names nobody for long.

A process is named by the boot of the machine, its pid, and a tick of the clock at which it lived.
A later process with its pid started after that tick. Where the name still fits, a pidfd of the
process can be held; the kernel never gives a pidfd to another process.
"""

import contextlib
import os
import signal
import time
from functools import cache
from pathlib import Path

import msgspec

from flowctl.runner import proc

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
OOM_SCORE_OF_TASKS = "500"  # of 1000: the kernel takes a task and never the daemon


class Identity(msgspec.Struct, frozen=True):
    """The name of a process for ever."""

    boot_id: str
    pid: int
    alive_at: int  # clock ticks since boot; it had started by then


@cache
def boot_id() -> str:
    """Return the random name of this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_ticks(pid: int) -> int | None:
    """Return when the process started, in clock ticks since boot; None when it is gone.

    A zombie counts as gone: it runs no code and holds nothing.
    """
    fields = proc.stat(pid)
    if fields is None or fields[proc.STATE] in (b"Z", b"X"):
        return None
    return int(fields[proc.START_TICKS])


def own() -> Identity:
    """Return the name of this process."""
    ticks = int(time.clock_gettime(time.CLOCK_BOOTTIME) * TICKS_PER_S)
    return Identity(boot_id(), os.getpid(), ticks)


def is_alive(identity: Identity) -> bool:
    """Say whether exactly this process still runs."""
    if identity.boot_id != boot_id():
        return False
    started = start_ticks(identity.pid)
    return started is not None and started <= identity.alive_at


def hold(identity: Identity) -> int | None:
    """Return a pidfd of exactly this process, or None when it is gone."""
    try:
        pidfd = os.pidfd_open(identity.pid)
    except OSError:
        return None
    if is_alive(identity):
        return pidfd
    os.close(pidfd)
    return None


def prefer_as_victim() -> None:
    """Let the kernel take this process, and its children, before the daemons when memory ends."""
    try:
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    except OSError:
        return
    try:
        os.write(fd, OOM_SCORE_OF_TASKS.encode())
    except OSError:
        return
    finally:
        os.close(fd)


def enter_group(procs: str) -> None:
    """Move this process into the control group that has this file.

    Raises:
        OSError: it may not.
    """
    fd = os.open(procs, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, b"0")
    finally:
        os.close(fd)


def kill_session(leader: int) -> None:
    """Kill every process of a session whose leader is dead and not yet forgotten by its parent.

    Until then no other process can have the leader's pid, so the session is no stranger's.
    """
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != leader and _session(int(entry)) == leader:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(entry), signal.SIGKILL)


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return -1


def children(pid: int) -> list[int]:
    """Return the pids of the living children of a process, the first one first."""
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def descendants(pid: int) -> list[int]:
    """Return the pids of all living descendants of a process, children first."""
    children: dict[int, list[int]] = {}
    for child, fields in proc.stats():
        children.setdefault(int(fields[proc.PARENT]), []).append(child)
    found: list[int] = []
    queue = list(children.get(pid, ()))
    while queue:
        child = queue.pop()
        found.append(child)
        queue += children.get(child, ())
    return found


def signal_tree(process: Identity, number: signal.Signals) -> None:
    """Signal a process, its group, and every descendant, detached or not."""
    if not is_alive(process):
        return
    others = descendants(process.pid)
    for send, pid in [(os.killpg, process.pid), *((os.kill, pid) for pid in others)]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, number)
