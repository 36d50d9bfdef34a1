"""Which log files of tasks are too old or too much, and away with them; a few at a time.

The log folder is the truth, not the metastore: what a run left that was deleted goes, too. A pass
looks at every file once. What is too old goes in that pass; by what all of them take, known at its
end, the next one says which are too much. Memory is bounded by time, not by the number of files.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from flowctl.core.retention import SLOT_S, Policy, Sizes, cut
from flowctl.runner import logfiles

EMPTY_S = 3600  # a folder without files is left alone for so long: an attempt may be about to write

IsOpen = Callable[[str], bool]  # of the folder of a run, relative to the log folder


class LogSweep:
    """Remembers from one pass to the next how much there was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._all: Sizes = {}
        self._of_dag: dict[str, Sizes] = {}  # of those that have a limit of their own
        self._files_gone = 0
        self._bytes_gone = 0

    def take_count(self) -> tuple[int, int]:
        """Return how many files were deleted since this was last asked, and of how many bytes."""
        gone = self._files_gone, self._bytes_gone
        self._files_gone = self._bytes_gone = 0
        return gone

    def walk(self, policy: Policy, is_open: IsOpen, *, deletes: bool = True) -> Iterator[None]:
        """Go over all files once; yields after each.

        Args:
            is_open: whose files stay, whatever they take.
            deletes: or only count.
        """
        own = {logfiles.dag_folder(dag_id): dag_id for dag_id in policy.own}
        seen: Sizes = {}
        seen_of_dag: dict[str, Sizes] = {}
        too_much = cut(self._all, policy.all_log_bytes(self._disk_bytes()))
        for name in _folders(self._folder, "dag_id="):
            dag_id = own.get(name, "")
            before = _slot(policy.log_before(dag_id))
            sizes: Sizes = {}
            if policy.log_bytes(dag_id):
                before = max(before, cut(self._of_dag.get(dag_id, {}), policy.log_bytes(dag_id)))
                seen_of_dag[dag_id] = sizes
            yield from self._walk_dag(
                name, max(before, too_much), policy, is_open, deletes, (sizes, seen)
            )
        self._all, self._of_dag = seen, seen_of_dag

    def _walk_dag(
        self,
        name: str,
        before: int,
        policy: Policy,
        is_open: IsOpen,
        deletes: bool,
        tallies: tuple[Sizes, Sizes],
    ) -> Iterator[None]:
        for run in _folders(self._folder / name, "run_id="):
            folder = f"{name}/{run}"
            for path, size_bytes, written_s in _files(f"{self._folder}/{folder}"):
                slot = int(written_s // SLOT_S)
                if slot < before and not is_open(folder):
                    self._gone(path, size_bytes, deletes=deletes)
                else:
                    for tally in tallies:
                        tally[slot] = tally.get(slot, 0) + size_bytes
                yield
            if deletes and not is_open(folder):
                _remove_empty(f"{self._folder}/{folder}", policy.now.timestamp() - EMPTY_S)
            yield
        if deletes:
            _remove_folder(f"{self._folder}/{name}", policy.now.timestamp() - EMPTY_S)

    def remove_run(self, dag_id: str, run_id: str) -> Iterator[None]:
        """Delete the log files of a run that is deleted; yields after each."""
        folder = f"{self._folder}/{logfiles.of_run(dag_id, run_id)}"
        for path, size_bytes, _ in _files(folder):
            self._gone(path, size_bytes)
            yield
        shutil.rmtree(folder, ignore_errors=True)

    def _gone(self, path: str, size_bytes: int, *, deletes: bool = True) -> None:
        with suppress(OSError):
            if deletes:
                os.unlink(path)
            self._files_gone += 1
            self._bytes_gone += size_bytes

    def _disk_bytes(self) -> int:
        try:
            return shutil.disk_usage(self._folder).total
        except OSError:
            return 0


def _slot(moment: datetime | None) -> int:
    return int(moment.timestamp() // SLOT_S) if moment is not None else 0


def _folders(folder: Path, prefix: str) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False):
                yield entry.name


def _files(folder: str) -> Iterator[tuple[str, int, float]]:
    """Yield the files in a folder and the folders in it: path, bytes, when it was last written."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            elif entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    yield entry.path, found.st_size, found.st_mtime


def _remove_empty(folder: str, before_s: float) -> None:
    """Remove a folder in which there are no files, only folders, and was nothing lately."""
    with suppress(OSError):
        was_changed_s = os.stat(folder).st_mtime
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    _remove_empty(entry.path, before_s)
        if was_changed_s < before_s:
            os.rmdir(folder)


def _remove_folder(folder: str, before_s: float) -> None:
    """Remove a folder in which there is nothing, and was nothing lately."""
    with suppress(OSError):
        if os.stat(folder).st_mtime < before_s:
            os.rmdir(folder)
