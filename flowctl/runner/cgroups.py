"""A control group for each attempt with a memory limit, where the kernel and its owner allow it.

Beside, or within, the group in which the runner itself is. Version 2 ends all processes of a group
that is over its limit; version 1 ends one of them, and the attempt the others. Knows files only.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flowctl.runner.identity import enter_group
from flowctl.runner.spool import Key

SWITCH = "cgroup.subtree_control"  # of version 2


class Version(NamedTuple):
    """What the files of a group are called."""

    name: str
    limit: str
    peak: str
    events: str  # has a line "oom_kill NUMBER"
    usage: str
    cache: str  # in memory.stat: of files that were not used lately, and can be dropped
    settings: tuple[tuple[str, str], ...] = ()  # wanted, but there is a limit without them, too


V2 = Version(
    "cgroup v2",
    "memory.max",
    "memory.peak",
    "memory.events",
    "memory.current",
    "inactive_file",
    (("memory.oom.group", "1"), ("memory.swap.max", "0")),
)
V1 = Version(
    "cgroup v1",
    "memory.limit_in_bytes",
    "memory.max_usage_in_bytes",
    "memory.oom_control",
    "memory.usage_in_bytes",
    "total_inactive_file",
)


class Groups:
    """The groups of the attempts of one home, in a folder of their own."""

    def __init__(self, folder: Path, version: Version) -> None:
        self.folder = folder
        self.version = version

    def make(self, key: Key, limit_bytes: int) -> str:
        """Make the group of an attempt; return the file that takes the pids of its processes.

        Raises:
            OSError: it cannot be had.
        """
        group = self._path(key)
        group.mkdir(exist_ok=True)
        (group / self.version.limit).write_text(str(limit_bytes))
        for name, value in self.version.settings:
            with contextlib.suppress(OSError):
                (group / name).write_text(value)
        return str(group / "cgroup.procs")

    def has(self, key: Key) -> bool:
        """Say whether an attempt has a group."""
        return self._path(key).is_dir()

    def peak_bytes(self, key: Key) -> int:
        """Return the most that the processes of an attempt took; 0 where it is not told."""
        return number(self._path(key) / self.version.peak) or 0

    def was_exceeded(self, key: Key) -> bool:
        """Say whether the kernel ended a process because of the limit."""
        return field(self._path(key) / self.version.events, "oom_kill") > 0

    def remove(self, key: Key) -> None:
        """Forget a group, and end what is left in it."""
        group = self._path(key)
        with contextlib.suppress(OSError):
            (group / "cgroup.kill").write_text("1")
        with contextlib.suppress(OSError):
            group.rmdir()

    def close(self) -> None:
        """Remove the folder, unless attempts are left in it."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _path(self, key: Key) -> Path:
        return self.folder / f"{key[0]}.{key[1]}"


def find(home: Path, proc: Path = Path("/proc/self")) -> Groups | None:
    """Return where groups of this home can be made, None where they cannot: tried, not guessed."""
    name = f"flowctl-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"
    for parent, version in parents(proc):
        groups = Groups(parent / name, version)
        try:
            groups.folder.mkdir(exist_ok=True)
            _share(groups.folder)
            if _can_enter(groups.make((0, 0), 2**30)):
                return groups
        except OSError:
            pass
        finally:
            groups.remove((0, 0))
        groups.close()
    return None


def parents(proc: Path) -> Iterator[tuple[Path, Version]]:
    """Yield the groups that may take others, the likeliest first."""
    for own_group, version in _own(proc):
        if version is V1:
            yield own_group, V1
            continue
        if _is_shared(own_group.parent):  # what is not ours is taken as it is
            yield own_group.parent, V2
        if _share(own_group):
            yield own_group, V2


def own(proc: Path) -> Iterator[tuple[Path, Version]]:
    """Yield the groups that a process is in, from its own outwards."""
    for group, version in _own(proc):
        while (group / version.usage).exists():
            yield group, version
            group = group.parent


def _own(proc: Path) -> Iterator[tuple[Path, Version]]:
    for line in _lines(proc / "cgroup"):
        _number, controllers, path = line.split(":", 2)
        if controllers == "memory":
            yield from ((at, V1) for at in _places(proc, "cgroup", "memory", path))
        elif not controllers:
            yield from ((at, V2) for at in _places(proc, "cgroup2", "", path))


def number(path: Path) -> int | None:
    """Return the number that a file of a group has; None: no file, or "max"."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text())
    return None


def field(path: Path, name: str) -> int:
    """Return the number in the line of a file that begins with a name; 0 where there is none."""
    return next((int(line.split()[1]) for line in _lines(path) if line.split()[0] == name), 0)


def _places(proc: Path, kind: str, option: str, path: str) -> Iterator[Path]:
    """Yield the folder of a group; where only a part of the tree is mounted, the top of that."""
    for line in _lines(proc / "mounts"):
        _device, mount, found, options, *_ = line.split()
        if found == kind and (not option or option in options.split(",")):
            place = Path(mount + path)
            yield place if place.is_dir() else Path(mount)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _is_shared(group: Path) -> bool:
    """Say whether the groups in this one can have limits of their own."""
    return any("memory" in line.split() for line in _lines(group / SWITCH))


def _share(group: Path) -> bool:
    """Let the groups in this one have limits of their own; False where that cannot be."""
    if not _is_shared(group):
        with contextlib.suppress(OSError), open(group / SWITCH, "r+") as file:
            file.write("+memory")
    return _is_shared(group)


def _can_enter(procs: str) -> bool:
    """Say whether a process of ours may move into a group."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            enter_group(procs)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
