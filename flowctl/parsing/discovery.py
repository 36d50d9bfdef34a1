"""Which files may hold DAGs right now?

One sweep walks the folders with one `stat` for each file and opens only what is new or changed. A
file counts when it ends in `.py` or is a zip archive, no `.airflowignore` hides it, and (in safe
mode) its text names both a DAG and Airflow. Links are followed, each folder is entered once. Hidden
files and folders are no exception, as in Airflow.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flowctl.authoring import dag_files
from flowctl.parsing import ignore
from flowctl.version import VERSION

FORMAT = f"1-{VERSION}"  # part of each fingerprint: another flowctl parses everything anew
LABEL_CHARACTERS_MAX = 1000  # what a database and a log folder take with room to spare
NEVER = (".pyc", ".pyo", ".so", ".log", ".md", ".txt", ".sql", ".yaml", ".yml", ".json", ".csv")
"""Endings of files that are no archives, so that they need not be looked at."""


@dataclass(frozen=True)
class Root:
    """A folder of DAG files; `prefix` keeps its labels apart from those of the other."""

    folder: Path
    prefix: str = ""
    holds_plugins: bool = False  # every Python file counts


@dataclass(frozen=True)
class Found:
    """A file that may hold DAGs."""

    label: str
    path: str
    root: Root
    fingerprint: str


@dataclass(frozen=True)
class Listing:
    """What one sweep saw."""

    files: dict[str, Found]  # by label
    folders: frozenset[str]  # every folder it looked into
    paths: frozenset[str] = frozenset()  # every file that is not hidden, whatever is in it
    complaints: tuple[str, ...] = ()


@dataclass
class Discovery:
    """Sweeps the folders; remembers what it saw, so that unchanged files are not opened again."""

    roots: tuple[Root, ...]
    safe_mode: bool = True
    syntax: str = "regexp"
    _verdicts: dict[str, tuple[str, bool]] = field(default_factory=dict)
    _rules: dict[str, tuple[str, list[ignore.Rule], list[str]]] = field(default_factory=dict)

    def sweep(self) -> Listing:
        """Return every file that may hold DAGs now. A folder that is not there holds none."""
        files: dict[str, Found] = {}
        folders: set[str] = set()
        complaints: list[str] = []
        visited: set[str] = set()
        for root in self.roots:
            entered: set[tuple[int, int]] = set()
            for path, relative, status in self._walk(root, folders, entered, complaints):
                visited.add(path)
                label = root.prefix + relative
                if not _is_storable(label):
                    complaints.append(f"{path!a}: the name is too long, or is not UTF-8")
                    continue
                mark = fingerprint(status)
                if path.endswith(".py") if root.holds_plugins else self._may_hold_dags(path, mark):
                    files[label] = Found(label, path, root, mark)
        for path in self._verdicts.keys() - visited:
            del self._verdicts[path]
        return Listing(files, frozenset(folders), frozenset(visited), tuple(complaints))

    def _walk(
        self,
        root: Root,
        folders: set[str],
        entered: set[tuple[int, int]],
        complaints: list[str],
    ) -> Iterator[tuple[str, str, os.stat_result]]:
        """Yield (path, path relative to the root, status) of each file that is not hidden."""
        waiting: list[tuple[str, str, list[ignore.Rule]]] = [(str(root.folder), "", [])]
        while waiting:
            folder, relative, rules = waiting.pop()
            entries = _entries(folder, entered)
            if entries is None:
                continue
            folders.add(folder)
            rules = rules + self._own_rules(folder, relative, entries, complaints)
            for entry in entries:
                below = relative + entry.name
                status = _status(entry)
                if entry.name == ignore.FILE_NAME or status is None:
                    continue
                is_folder = stat.S_ISDIR(status.st_mode)
                if ignore.is_hidden(below, is_folder, rules):
                    continue
                if is_folder:
                    waiting.append((entry.path, f"{below}/", rules))
                elif not stat.S_ISFIFO(status.st_mode) and not stat.S_ISSOCK(status.st_mode):
                    yield entry.path, below, status

    def _own_rules(
        self, folder: str, relative: str, entries: list["os.DirEntry[str]"], complaints: list[str]
    ) -> list[ignore.Rule]:
        """Return the rules of this folder's own ignore file, read again only when it changed."""
        entry = next((entry for entry in entries if entry.name == ignore.FILE_NAME), None)
        status = _status(entry) if entry else None
        if entry is None or status is None or not stat.S_ISREG(status.st_mode):
            self._rules.pop(folder, None)
            return []
        mark = fingerprint(status)
        known = self._rules.get(folder)
        if known is None or known[0] != mark:
            text = Path(entry.path).read_text(encoding="utf-8", errors="replace")
            known = self._rules[folder] = (mark, *ignore.parse(text, relative, self.syntax))
        complaints.extend(known[2])
        return known[1]

    def _may_hold_dags(self, path: str, mark: str) -> bool:
        if not path.endswith(".py") and path.endswith(NEVER):
            return False
        known = self._verdicts.get(path)
        if known is None or known[0] != mark:
            known = self._verdicts[path] = (mark, self._look(path))
        return known[1]

    def _look(self, path: str) -> bool:
        try:
            with open(path, "rb") as file:
                if not path.endswith(".py"):
                    return file.read(2) == b"PK" and dag_files.is_archive(Path(path).read_bytes())
                return not self.safe_mode or dag_files.might_hold_dags(
                    file.read(dag_files.SOURCE_BYTES_MAX)
                )
        except OSError:  # a broken link, no permission: parsing it says what is wrong
            return path.endswith(".py")


def fingerprint(status: os.stat_result) -> str:
    """Return what changes when a file does."""
    return f"{status.st_mtime_ns}:{status.st_size}:{status.st_ino}:{FORMAT}"


def fingerprint_of(path: str) -> str:
    """Return the fingerprint of the file at `path`, "" when there is none."""
    try:
        return fingerprint(os.stat(path))
    except OSError:
        return ""


def _entries(folder: str, entered: set[tuple[int, int]]) -> list["os.DirEntry[str]"] | None:
    """Return what is in a folder, None when it was entered before or cannot be read."""
    try:
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in entered:
            return None
        entered.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return None


def _status(entry: "os.DirEntry[str]") -> os.stat_result | None:
    """Return the status of what an entry points to; of a link to nothing that of the link."""
    try:
        return entry.stat()
    except OSError:
        pass
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:  # deleted meanwhile
        return None


def _is_storable(label: str) -> bool:
    try:
        return len(label.encode()) <= LABEL_CHARACTERS_MAX
    except UnicodeEncodeError:
        return False
