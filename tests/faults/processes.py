"""Which processes run for a home, and as what? Asked of the kernel, not of pid files."""

import contextlib
import os
import signal
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from flowctl.runner import identity

ZYGOTE = b"flowctl.runner.zygote"


class Role(StrEnum):
    """What a process of flowctl is."""

    SCHEDULER = "scheduler"
    PARSER = "parser"
    RUNNER = "runner"
    BASE = "base zygote"
    ZYGOTE = "zygote"
    ATTEMPT = "attempt"
    COMMAND = "command"  # whatever an attempt has started
    OTHER = "other"


@dataclass(frozen=True)
class Process:
    """One process; `start_ticks` makes its pid unmistakable."""

    pid: int
    start_ticks: int
    role: Role

    def signal(self, number: int = signal.SIGKILL) -> None:
        """Signal this process, unless it is gone."""
        with contextlib.suppress(ProcessLookupError):
            pidfd = os.pidfd_open(self.pid)
            try:
                if self.is_alive:
                    signal.pidfd_send_signal(pidfd, number)
            finally:
                os.close(pidfd)

    @property
    def is_alive(self) -> bool:
        """Say whether it still runs."""
        return identity.start_ticks(self.pid) == self.start_ticks


def of_home(home: Path) -> list[Process]:
    """Return every process that was started for this home."""
    mark = f"FLOWCTL_HOME={home}".encode()
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and mark in _read(name, "environ").split(b"\0"):
            ticks = identity.start_ticks(int(name))
            if ticks is not None:
                found.append(Process(int(name), ticks, _role(int(name))))
    return found


def _role(pid: int) -> Role:
    words = _read(pid, "cmdline").split(b"\0")
    if _is_of_attempt(pid):
        return Role.COMMAND
    if ZYGOTE in words:
        return _zygote_role(pid, words)
    if b"flowctl.runner" in words:
        return Role.RUNNER
    if any(word.startswith(b"flowctl.parsing") for word in words):
        return Role.PARSER
    return Role.SCHEDULER if b"scheduler" in words else Role.OTHER


def _is_of_attempt(pid: int) -> bool:
    try:
        leader = os.getsid(pid)
    except OSError:
        return False
    return leader != pid and ZYGOTE in _read(leader, "cmdline").split(b"\0")


def _zygote_role(pid: int, words: list[bytes]) -> Role:
    """Tell apart what was forked from one another: they share their command line."""
    try:
        if os.getsid(pid) == pid:
            return Role.ATTEMPT
        control = os.readlink(f"/proc/{pid}/fd/{int(words[words.index(ZYGOTE) + 1])}")
    except (OSError, ValueError):
        return Role.ZYGOTE
    is_base = control.startswith("socket:") and ZYGOTE not in _read(parent(pid), "cmdline")
    return Role.BASE if is_base else Role.ZYGOTE


def parent(pid: int) -> int:
    """Return the parent of a process, 0 when it is gone."""
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _read(pid: int | str, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""
