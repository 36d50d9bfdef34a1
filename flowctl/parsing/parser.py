"""What changed in the DAG folders, and what is in the files that did?

`Parser` belongs to a loop with one thread, which waits on its `fileno` and calls `step`. A step
never waits: it sweeps when that is due, starts children, and returns what has become known. What it
returns is recorded by the caller (`store.dags.record`).

Of several files that want a child, those that were fine or are new go before those that timed out
or crashed last time. A file that changes while its child runs gets a
new child at once.
"""

import os
import select
import selectors
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flowctl.authoring import entry_points
from flowctl.authoring.ports import Ports
from flowctl.core.parsed import PLUGINS, ParsedFile
from flowctl.parsing import causes, output
from flowctl.parsing.discovery import Found, Listing, fingerprint_of
from flowctl.parsing.messages import Answers, Asked
from flowctl.parsing.options import Options
from flowctl.parsing.pool import Parsed, Pool
from flowctl.parsing.results import result_of
from flowctl.parsing.watch import Pace, Watch


@dataclass(frozen=True)
class Known:
    """What the metastore knows of one file, from an earlier process."""

    fingerprint: str
    depends: Mapping[str, str] = field(default_factory=dict)
    has_error: bool = False


@dataclass
class _File:
    """One DAG file as this parser knows it."""

    fingerprint: str = ""  # of what was parsed, or is being parsed
    depends: Mapping[str, str] = field(default_factory=dict)
    is_wild: bool = False  # its child did not end well
    has_error: bool = False
    job_id: int = 0  # of the child that is wanted now; 0: none
    dynamic_at_s: float = float("inf")


@dataclass(frozen=True)
class Answered:
    """What a timetable answered, or why it did not, in words."""

    asked: Asked
    answers: Answers | None
    error: str | None


class Parser:
    """Keeps up with the DAG folders."""

    def __init__(
        self,
        options: Options,
        known: Mapping[str, Known] | None = None,
        ports: Ports | None = None,
    ) -> None:
        self._options = options
        self._files = {
            label: _File(old.fingerprint, old.depends, has_error=old.has_error)
            for label, old in (known or {}).items()
        }
        self._discovery = options.discovery()
        self._listing = Listing({}, frozenset())
        self._queue: dict[str, Found] = {}
        self._pool = Pool(options.processes, ports)
        self._watch = Watch()
        self._pace = Pace()
        self._jobs = 0
        self._running: dict[int, Found] = {}
        self._questions: dict[str, tuple[str, Asked]] = {}  # by DAG
        self._answered: list[Answered] = []
        self._selector = selectors.EpollSelector()
        self._selector.register(self._pool.fileno(), selectors.EVENT_READ)
        if (fd := self._watch.fileno()) is not None:
            self._selector.register(fd, selectors.EVENT_READ)

    @property
    def complaints(self) -> tuple[str, ...]:
        """Return what is wrong with ignore files and file names, as of the last sweep."""
        return self._listing.complaints

    @property
    def is_idle(self) -> bool:
        """Say whether every file that was found is parsed."""
        return not self._queue and not self._running and not self._questions

    def fileno(self) -> int:
        """Return a descriptor that is readable when `step` has something to do."""
        return self._selector.fileno()

    def next_look(self) -> float:
        """Return the seconds after which `step` has something to do without being woken."""
        waits = [self._pace.due_s - time.monotonic()]
        if (rest_s := self._pool.rest_at_s()) is not None:
            waits.append(rest_s - time.monotonic())
        if (self._queue or self._questions) and (free_s := self._pool.next_free_s()) is not None:
            waits.append(free_s)
        return max(0.0, min(waits))

    def step(self) -> list[ParsedFile]:
        """Do what can be done without waiting; return what has become known, in order."""
        results: list[ParsedFile] = []
        if self._watch.drain():
            self._pace.tell()
        if time.monotonic() >= self._pace.due_s:
            results += self._sweep()
        for parsed in self._pool.harvest():
            if parsed.job.event:
                continue
            if parsed.job.asked is not None:
                self._running.pop(parsed.job.id)
                self._answered.append(answer_of(parsed, parsed.job.asked))
            elif (result := self._result(parsed)) is not None:
                results.append(result)
        self._start()
        self._pool.rest()
        return results

    def parse_again(self, labels: Iterable[str] | None = None) -> None:
        """Parse these files once more although they did not change; None means all.

        For a file that lost a DAG id to a twin that is now gone, and for `dags reserialize`.
        """
        wanted = self._listing.files if labels is None else labels
        for label in wanted:
            if label in self._listing.files:
                self._want(self._listing.files[label])

    def ask(self, file: str, asked: Asked) -> None:
        """Have a timetable asked that a user wrote; `answered` has what it said.

        Args:
            file: that defines its DAG, as in `DagSpec.file`.
            asked: of a DAG that is asked already, this counts.
        """
        self._questions[asked.dag_id] = (file, asked)
        self._start()

    def answered(self) -> list[Answered]:
        """Return what became known of timetables since the last call."""
        answered, self._answered = self._answered, []
        return answered

    def announce(self, event: str, wait_s: float = 0.0) -> None:
        """Have listeners of plugins told what becomes of the scheduler; wait so long for them."""
        folder = self._options.plugins_folder
        has_files = folder is not None and any(folder.rglob("*.py"))
        if not has_files and not entry_points.offered(entry_points.PLUGINS):
            return
        self._jobs += 1
        self._pool.submit(self._options.announcement(self._jobs, event))
        give_up_s = time.monotonic() + wait_s
        while (left_s := give_up_s - time.monotonic()) > 0:
            select.select([self._pool], [], [], left_s)
            if any(parsed.job.event == event for parsed in self._pool.harvest()):
                return

    def close(self) -> None:
        """End every child. What they found is lost; the next parser starts them again."""
        self._pool.close()
        self._watch.close()
        self._selector.close()

    # ------------------------------------------------------------------ looking

    def _sweep(self) -> list[ParsedFile]:
        started_s = time.monotonic()
        before = self._listing.paths
        self._listing = self._discovery.sweep()
        gone = [self._drop(label) for label in sorted(self._files.keys() - self._listing.files)]
        came = bool(before and self._listing.paths - before)
        marks = self._marks()
        has_other_plugins = self._has_other_plugins(gone)
        for label, found in self._listing.files.items():
            if has_other_plugins or self._is_stale(label, found, started_s, came, marks):
                self._want(found)
        folders = self._listing.folders | self._folders_read() | self._folders_awaited()
        has_new_folders = self._watch.cover(folders)
        self._pace.swept(started_s, time.monotonic())
        if has_new_folders:
            self._pace.tell()
        return gone

    def _has_other_plugins(self, gone: Iterable[ParsedFile]) -> bool:
        """Say whether a plugin came or went: that may change any DAG.

        A change of one is noticed where it was read.
        """
        new = self._listing.files.keys() - self._files.keys()
        return any(label.startswith(PLUGINS) for label in (*new, *(file.path for file in gone)))

    def _is_stale(
        self, label: str, found: Found, now_s: float, came: bool, marks: Mapping[str, str]
    ) -> bool:
        known = self._files.get(label)
        if known is None or known.fingerprint != found.fingerprint:
            return True
        if known.job_id:
            return False
        if now_s >= known.dynamic_at_s or (came and known.has_error and not known.is_wild):
            return True
        return any(marks[path] != mark for path, mark in known.depends.items())

    def _marks(self) -> dict[str, str]:
        """Return the fingerprints, as of now, of all other files that DAG files read."""
        paths = {path for file in self._files.values() for path in file.depends}
        return {path: fingerprint_of(path) for path in paths}

    def _folders_read(self) -> set[str]:
        return {os.path.dirname(path) for file in self._files.values() for path in file.depends}

    def _folders_awaited(self) -> set[str]:
        """Return where a folder of DAG files that is not there would appear.

        That of plugins seldom is there, and where it would be is much coming and going.
        """
        wanted = [root.folder for root in self._options.roots if not root.holds_plugins]
        missing = [folder for folder in wanted if str(folder) not in self._listing.folders]
        return {str(next(p for p in folder.parents if p.is_dir())) for folder in missing}

    def _want(self, found: Found) -> None:
        """Queue a file; a child that works on an older text of it is ended."""
        file = self._files.setdefault(found.label, _File())
        if file.job_id:
            self._pool.cancel(file.job_id)
            file.job_id = 0
        file.fingerprint = found.fingerprint
        file.dynamic_at_s = float("inf")
        self._queue[found.label] = found

    def _drop(self, label: str) -> ParsedFile:
        file = self._files.pop(label)
        self._queue.pop(label, None)
        self._pool.cancel(file.job_id)
        output.remove(self._options.log(label))
        return ParsedFile(label, "")

    # ------------------------------------------------------------------ parsing

    def _start(self) -> None:
        free = self._ask(self._pool.free())
        if free <= 0 or not self._queue:
            return
        tame_first = sorted(self._queue, key=lambda label: self._files[label].is_wild)
        for label in tame_first[:free]:
            found = self._queue.pop(label)
            self._jobs += 1
            file = self._files[label]
            file.job_id = self._jobs
            self._running[self._jobs] = found
            job = self._options.job(found, self._jobs, had_error=file.has_error)
            self._pool.submit(job)

    def _ask(self, free: int) -> int:
        """Start children for questions, which are waited for; return how many more may start."""
        for dag_id in list(self._questions)[: max(free, 0)]:
            file, asked = self._questions.pop(dag_id)
            found = found_in(self._listing.files, file)
            if found is None:
                self._answered.append(Answered(asked, None, f"there is no file {file} any more"))
                continue
            self._jobs += 1
            self._running[self._jobs] = found
            self._pool.submit(self._options.job(found, self._jobs, asked))
            free -= 1
        return free

    def _result(self, parsed: Parsed) -> ParsedFile | None:
        """Return what one child found; None when the file changed or went meanwhile."""
        found = self._running.pop(parsed.job.id)
        file = self._files.get(found.label)
        if file is None or file.job_id != parsed.job.id:
            return None
        result = result_of(parsed, found.fingerprint)
        file.job_id = 0
        file.depends = result.depends
        file.is_wild = parsed.report is None
        file.has_error = result.error is not None
        if result.is_dynamic:
            file.dynamic_at_s = time.monotonic() + self._options.dynamic_every_s
        return result


def answer_of(parsed: Parsed, asked: Asked) -> Answered:
    """Return what one child learned from a timetable."""
    if parsed.report is None:
        return Answered(asked, None, causes.in_words(parsed.job, parsed.ended))
    return Answered(asked, parsed.report.answers, parsed.report.error)


def found_in(files: Mapping[str, Found], file: str) -> Found | None:
    """Return the file that `DagSpec.file` names: itself, or the archive that it is in."""
    return files.get(file) or files.get(file.rpartition("/")[0])
