"""Ending what runs for one home, and waiting until it is gone."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from flowctl.errors import FlowctlError
from flowctl.executors.contract import ExecutorLost
from flowctl.executors.local import LocalExecutor
from flowctl.runner import bonds, identity, pidfiles
from flowctl.runner.pidfiles import Daemon
from flowctl.runner.spool import Spool

ORDER = ("standalone", "scheduler", "triggerer", "webserver")
"""Standalone first: it would start the others again."""

RUNNER_ENDS_S = 1.0  # how long a runner without a task takes to end, and one whose last task ends
IDLE_ENDS_S = 5.0  # the same on a busy machine
LOOK_EVERY_S = 0.1


def stop_daemons(home: Path, timeout_s: float) -> list[Daemon]:
    """End the daemons of a home: asked, and killed when they take longer; return those that ran."""
    found = sorted(pidfiles.daemons(home), key=lambda daemon: _place(daemon.kind))
    for kind in dict.fromkeys(daemon.kind for daemon in found):
        same = [daemon for daemon in found if daemon.kind == kind]
        for daemon in same:
            pidfiles.tell(daemon, signal.SIGTERM)
        for daemon in same:
            _await_end(daemon, timeout_s)
    for daemon in found:
        os.close(daemon.pidfd)
    return found


def _place(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _await_end(daemon: Daemon, timeout_s: float) -> None:
    if not _is_gone(daemon.pidfd, timeout_s):
        pidfiles.tell(daemon, signal.SIGKILL)
        _is_gone(daemon.pidfd, timeout_s)


def _is_gone(pidfd: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def running_tasks(home: Path) -> int | None:
    """Return the pid of the runner if it stays for its tasks; one without tasks is awaited."""
    pid = bonds.runner_pid(home)
    if pid is None:
        return None
    with _held(pid) as pidfd:
        if pidfd is None or _is_gone(pidfd, RUNNER_ENDS_S):
            return None
        give_up = time.monotonic() + IDLE_ENDS_S
        while not _has_tasks(home) and time.monotonic() < give_up:
            if _is_gone(pidfd, LOOK_EVERY_S):
                return None
        return pid


def _has_tasks(home: Path) -> bool:
    folder = home / "run" / "attempts"
    return folder.is_dir() and bool(Spool(folder).claims())


def stop_runner(home: Path, term: int, timeout_s: float) -> int | None:
    """End the runner of a home with all its attempts; return its pid, None without one.

    It is asked first, so that it records how the attempts ended. What is left after that is killed,
    and found as lost by the next scheduler.

    Args:
        term: of the scheduler that led last; the runner obeys no older one.
    """
    pid = bonds.runner_pid(home)
    if pid is None:
        return None
    with _held(pid) as pidfd:
        if pidfd is None:
            return None
        others = identity.descendants(pid)
        _ask_to_end(home, term)
        if not _is_gone(pidfd, timeout_s):
            _kill([pid, *identity.descendants(pid), *others])
            _is_gone(pidfd, timeout_s)
    return pid


def _ask_to_end(home: Path, term: int) -> None:
    executor = LocalExecutor(home, slots=1)
    with contextlib.suppress(ExecutorLost, FlowctlError):
        known = executor.connect(term)
        executor.kill(sorted(known), "flowctl stop --kill")
        executor.leave()


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def _held(pid: int) -> Iterator[int | None]:
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        yield None
        return
    try:
        yield pidfd
    finally:
        os.close(pidfd)
