"""What the kernel knows of processes: who belongs to a home, their memory, their CPU time."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MB = 1 << 20

# The first that is found in the command line names the kind.
KINDS = (
    ("flowctl.runner.zygote", "zygotes"),
    ("flowctl.runner", "runner"),
    ("flowctl.parsing", "parser"),
    ("gunicorn", "web"),
    ("webserver", "web"),
    ("standalone", "standalone"),
    ("scheduler", "scheduler"),
)


@dataclass
class Usage:
    """Processes of one kind together."""

    processes: int = 0
    cpu_s: float = 0.0  # with the children that ended
    pss_mb: float = 0.0
    rss_mb: float = 0.0


def of_home(home: Path) -> list[int]:
    """Return the pids of everything that was started for this home, whoever its parent is now."""
    setting = f"FLOWCTL_HOME={home}".encode()
    return [pid for pid in _pids() if setting in _read(pid, "environ").split(b"\0")]


def descendants(roots: Iterable[int]) -> list[int]:
    """Return these pids and those of all their children, and theirs."""
    children = defaultdict(list)
    for pid in _pids():
        fields = _stat(pid)
        if fields:
            children[int(fields[1])].append(pid)
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children[pid]
    return found


def named(pids: Iterable[int], name: str) -> list[int]:
    """Return those of `pids` whose program has this name."""
    return [pid for pid in pids if _read(pid, "comm").decode().strip() == name]


def kind(pid: int) -> str:
    """Return which part of flowctl a process is; what attempts started counts as attempts."""
    words = _read(pid, "cmdline").replace(b"\0", b" ").decode(errors="replace")
    found = next((kind for needle, kind in KINDS if needle in words), "attempts")
    fields = _stat(pid)
    leads_a_session = bool(fields) and int(fields[3]) == pid
    return "attempts" if found == "zygotes" and leads_a_session else found


def by_kind(pids: Iterable[int], *, memory: bool = False) -> dict[str, Usage]:
    """Return what processes use, summed by kind; PSS is slow to read, hence on demand."""
    found: dict[str, Usage] = defaultdict(Usage)
    for pid in pids:
        usage = found[kind(pid)]
        usage.processes += 1
        usage.cpu_s += cpu_s(pid)
        if memory:
            rollup = _memory(pid)
            usage.pss_mb += rollup.get("Pss", 0) / MB
            usage.rss_mb += rollup.get("Rss", 0) / MB
    return dict(found)


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process and of its ended children.

    Its own is exact (nanoseconds of its live threads), its children's is in clock ticks.
    """
    fields = _stat(pid)
    if not fields:
        return 0.0
    children = (int(fields[13]) + int(fields[14])) / TICKS_PER_S
    return _own_cpu_s(pid) + children


def _own_cpu_s(pid: int) -> float:
    total_ns = 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            total_ns += int(_read(pid, f"task/{thread}/schedstat").split()[0])
    except (OSError, IndexError):
        return total_ns / 1e9
    return total_ns / 1e9


def busy_s() -> float:
    """Return the CPU time that all cores together have spent on anything since the start."""
    fields = [int(word) for word in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / TICKS_PER_S


def _memory(pid: int) -> dict[str, int]:
    found = {}
    for line in _read(pid, "smaps_rollup").decode().splitlines()[1:]:
        name, kilobytes = line.split()[:2]
        found[name.rstrip(":")] = int(kilobytes) * 1024
    return found


def _pids() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]


def _stat(pid: int) -> list[str]:
    """Return the fields of `stat` from the state on (field 3 of proc(5) is the first here)."""
    return _read(pid, "stat").rpartition(b")")[2].decode().split()


def _read(pid: int, name: str) -> bytes:
    """Return a file of a process; empty when the process is gone or not ours."""
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""
