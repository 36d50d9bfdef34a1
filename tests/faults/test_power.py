"""The power is cut: what is on disk at that instant is opened again, and keeps the promise.

All processes are stopped while the files are copied, so that a copy is of one instant. Of
PostgreSQL see `test_database`, whose outages end it at once.

FAULTS_CUTS says how often; the default is a few.
"""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from flowctl.runner import identity
from tests.bench.waiting import pause_between, wait_until
from tests.faults import audit, ledger
from tests.faults.harness import SETTLED_S, Home
from tests.faults.processes import Process, Role

CUTS = int(os.environ.get("FAULTS_CUTS", "6"))
CUTS_PER_RUN = 10
APART_S = 0.2
SUCCESSES = """SELECT r.dag_id, r.run_id, t.task_id FROM task_instance t
JOIN dag_run r ON r.id = t.dag_run_id WHERE t.state = 'success'"""
TRIES = "SELECT count(*), count(DISTINCT ti_id || '/' || try_number) FROM task_try"


def cut(home: Home, into: Path) -> set[audit.Subject]:
    """Copy the metastore as it lies on disk now; return which tasks had ended by then."""
    living = home.processes()
    for process in living:
        process.signal(signal.SIGSTOP)
    try:
        wait_until(lambda: _have_stopped(living), SETTLED_S, "the stop of all")
        source = Path(home.url.removeprefix("sqlite:///"))
        for path in source.parent.glob(f"{source.name}*"):
            if not path.name.endswith("-shm"):  # memory, not disk
                shutil.copy(path, into)
        return {line.subject for line in home.lines() if line.word == "END"}
    finally:
        for process in living:
            process.signal(signal.SIGCONT)


def _have_stopped(processes: Sequence[Process]) -> bool:
    """Say whether none can go on.

    Who starts another may wait for its `exec` (vfork). Until that goes on it cannot be stopped, and
    need not be.
    """
    found = [state for state in map(_state, processes) if state is not None]
    stopped = {pid for pid, letter, _ in found if letter in "TZX"}
    waiting = {parent for pid, _, parent in found if pid in stopped}
    return all(pid in stopped or (letter == "D" and pid in waiting) for pid, letter, _ in found)


def _state(process: Process) -> tuple[int, str, int] | None:
    """Return its pid, its state as the kernel writes it, and its parent; None: it is gone."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{process.pid}/stat").read_text()
        letter, parent = text.rpartition(")")[2].split()[:2]
        return process.pid, letter, int(parent)
    return None


def complaints(copy: Path, ended: set[audit.Subject]) -> list[str]:
    """Return what is wrong with a copy."""
    with sqlite3.connect(copy) as conn:
        wrong = [row[0] for row in conn.execute("PRAGMA integrity_check") if row[0] != "ok"]
        wrong += [f"{row}: a lost reference" for row in conn.execute("PRAGMA foreign_key_check")]
        early = {tuple(row) for row in conn.execute(SUCCESSES)} - ended
        wrong += [f"{subject}: success, and had not ended" for subject in early]
        rows, tries = conn.execute(TRIES).fetchone()
        wrong += [f"{rows} rows of {tries} tries"] if rows != tries else []
    return wrong


@pytest.mark.timeout(1200)
def test_what_is_on_disk_at_any_instant_opens_and_is_true(
    tmp_path: Path, sqlite_home: Home
) -> None:
    home = sqlite_home
    for number in range(CUTS):
        if number % CUTS_PER_RUN == 0:
            home.trigger("layers", 2)
        pause_between(0, random.uniform(0, APART_S))
        copies = tmp_path / f"cut{number}"
        copies.mkdir()
        ended = cut(home, copies)
        ledger.current.strike()
        (copy,) = copies.glob("*.db")
        wrong = complaints(copy, ended)
        ledger.current.complain(wrong)
        assert not wrong
        shutil.rmtree(copies)
    home.await_runs("layers", 120)

    home.judge()


def test_a_success_that_no_task_told_of_is_seen(tmp_path: Path, sqlite_home: Home) -> None:
    """The judge can fail."""
    sqlite_home.trigger("five")
    sqlite_home.await_runs("five")
    (copies := tmp_path / "cut").mkdir()
    cut(sqlite_home, copies)
    (copy,) = copies.glob("*.db")

    assert len(complaints(copy, set())) == len(sqlite_home.tasks())


SPAWN = """
import os, sys
wait = (os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[wait])
"""


def test_who_waits_for_a_process_that_is_stopped_counts_as_stopped(tmp_path: Path) -> None:
    """As a command does that starts another at the instant of the cut."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    with subprocess.Popen([sys.executable, "-c", SPAWN, gate]) as parent:
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        wait_until(lambda: bool(children.read_text()), SETTLED_S, "the child")
        both = [_process(parent.pid), _process(int(children.read_text()))]
        assert not _have_stopped(both)
        try:
            for process in both:
                process.signal(signal.SIGSTOP)
            wait_until(lambda: _have_stopped(both), SETTLED_S, "the stop of both")
        finally:
            for process in both:
                process.signal(signal.SIGCONT)
            gate.write_text("")


def _process(pid: int) -> Process:
    ticks = identity.start_ticks(pid)
    assert ticks is not None
    return Process(pid, ticks, Role.OTHER)
