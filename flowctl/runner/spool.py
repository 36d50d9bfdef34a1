"""The files that make an attempt safe against every death: its record and its exit record.

`$FLOWCTL_HOME/run/attempts/` holds for each attempt that is not in the metastore yet, by its key:

- `<key>.record`, of two lines. The first is the claim: who has the attempt. The attempt's own
  process writes it into a blank (`runner.blanks`) before any user code, and gives that file this
  second name. The kernel does so for one process only: an attempt starts at most once, whoever
  ordered it how often, and no claim is ever half. The second line is the journal: the outcome,
  written before the process ends. A part of a journal is no JSON and counts as none;
- `<key>.exit`, only when the runner was away as the process ended: what its parent saw.

The runner removes them once the metastore has the outcome. Where the order was given twice it
leaves a seal in place of the record, a symbolic link that leads nowhere: a process that was
suspended on its way to the claim could otherwise take it once more, and run what is recorded. A
journal must survive every process, but only while the metastore is away must it survive the power
too: the runner then syncs what it keeps (`sync`). A sync in every attempt would cost as much as the
rest of it: 0.6 ms alone, 8 ms beside seven others (measured on 2026-11-21), and a power cut ends
the attempts in any case.
"""

import contextlib
import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from flowctl.core.attempt import Order, Outcome
from flowctl.runner.identity import Identity

Key = tuple[int, int]
T = TypeVar("T")

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
SEAL = "recorded"
SEALED_S = 86400.0  # longer than anybody leaves a process suspended on a system in use


class Claim(msgspec.Struct):
    """Who runs an attempt."""

    order: Order
    process: Identity
    spent_cpu_s: float = 0.0  # by the process, for attempts before this one


class Exit(msgspec.Struct):
    """What the parent of an attempt saw when it ended."""

    status: int  # as waitpid gives it
    peak_rss_bytes: int = 0
    cpu_s: float = 0.0


_CLAIM = msgspec.json.Decoder(Claim)
_OUTCOME = msgspec.json.Decoder(Outcome)
_EXIT = msgspec.json.Decoder(Exit)


class Spool:
    """The folder of these files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _path(self, key: Key, ending: str) -> str:
        return f"{self.folder}/{key[0]}.{key[1]}.{ending}"

    def claim(self, claim: Claim, blank: str) -> bool:
        """Take an attempt for this process; False when another process has it.

        Args:
            blank: the path of a file that nobody else writes into, and that may be gone: whoever
                gave it away took it back then.
        """
        try:
            fd = os.open(blank, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.ftruncate(fd, _write(fd, msgspec.json.encode(claim)))
            finally:
                os.close(fd)
            os.link(blank, self._path(claim.order.key, "record"))
        except (FileExistsError, FileNotFoundError):
            return False
        return True

    def write_outcome(self, key: Key, outcome: Outcome) -> None:
        """Leave the outcome for the runner, in the record of an attempt that is claimed."""
        fd = os.open(self._path(key, "record"), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            _write(fd, b"\n" + msgspec.json.encode(outcome))
        finally:
            os.close(fd)

    def write_exit(self, key: Key, seen: Exit) -> None:
        """Leave what the parent saw for a runner that is yet to come."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        fd = os.open(self._path(key, "exit"), flags, 0o600)
        try:
            _write(fd, msgspec.json.encode(seen))
        finally:
            os.close(fd)

    def outcome(self, key: Key) -> Outcome | None:
        """Return the journal of an attempt, None when it left none."""
        lines = _read(self._path(key, "record")).split(b"\n")[1:]
        found = (_decoded(line, _OUTCOME) for line in lines)  # a full disk leaves parts of lines
        return next((outcome for outcome in found if outcome is not None), None)

    def exit(self, key: Key) -> Exit | None:
        """Return the exit record of an attempt, None when there is none."""
        return _decoded(_read(self._path(key, "exit")), _EXIT)

    def find_claim(self, key: Key) -> Claim | None:
        """Return who has an attempt, None when nobody has."""
        return _claim(self._path(key, "record"))

    def is_claimed(self, key: Key) -> bool:
        """Say whether somebody has or had an attempt, whether or not it is known who."""
        return os.path.lexists(self._path(key, "record"))

    def is_sealed(self, key: Key) -> bool:
        """Say whether an attempt is recorded for good."""
        try:
            return os.readlink(self._path(key, "record")) == SEAL
        except OSError:
            return False

    def claims(self) -> list[Claim]:
        """Return every claim in the folder."""
        found = (_claim(entry.path) for entry in os.scandir(self.folder))
        return [claim for claim in found if claim is not None]

    def sync(self, keys: Iterable[Key]) -> None:
        """Bring these journals on disk, for good."""
        for path in [*(self._path(key, "record") for key in keys), str(self.folder)]:
            try:
                fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def remove(self, key: Key, *, has_exit: bool = True) -> None:
        """Forget an attempt: the metastore has its outcome.

        Args:
            has_exit: False spares the file system the question.
        """
        if has_exit:
            _unlink(self._path(key, "exit"))
        _unlink(self._path(key, "record"))

    def seal(self, key: Key) -> None:
        """Forget an attempt, and let nobody claim it any more."""
        draft = self._path(key, "seal")
        _unlink(draft)  # of a runner that was killed here
        os.symlink(SEAL, draft)
        os.rename(draft, self._path(key, "record"))
        _unlink(self._path(key, "exit"))

    def break_old_seals(self, now: float) -> None:
        """Remove the seals that nobody can need any more; `now` is in seconds since 1970."""
        for entry in os.scandir(self.folder):
            is_old = entry.stat(follow_symlinks=False).st_mtime < now - SEALED_S
            if is_old and entry.is_symlink() and os.readlink(entry.path) == SEAL:
                _unlink(entry.path)


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _claim(path: str) -> Claim | None:
    return _decoded(_read(path).partition(b"\n")[0], _CLAIM) if path.endswith(".record") else None


def _write(fd: int, data: bytes) -> int:
    """Write all of it; return how much that is."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    return len(data)


def _read(path: str) -> bytes:
    """Return what a file holds; nothing when it is not there, or a seal is in its place."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _decoded(data: bytes, decoder: "msgspec.json.Decoder[T]") -> T | None:
    """Return what was written; None when it is missing, or a power cut left a part of it."""
    try:
        return decoder.decode(data)
    except msgspec.DecodeError:
        return None
