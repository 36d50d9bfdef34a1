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
from pathlib import Path

import pytest

from tests.bench.waiting import pause_between, wait_until
from tests.faults import audit, ledger
from tests.faults.harness import SETTLED_S, Home
from tests.faults.processes import Process

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
        wait_until(lambda: all(_has_stopped(p) for p in living), SETTLED_S, "the stop of all")
        source = Path(home.url.removeprefix("sqlite:///"))
        for path in source.parent.glob(f"{source.name}*"):
            if not path.name.endswith("-shm"):  # memory, not disk
                shutil.copy(path, into)
        return {line.subject for line in home.lines() if line.word == "END"}
    finally:
        for process in living:
            process.signal(signal.SIGCONT)


def _has_stopped(process: Process) -> bool:
    stat = Path(f"/proc/{process.pid}/stat")
    with contextlib.suppress(OSError):
        return stat.read_text().rpartition(")")[2].split()[0] in "TZX"
    return True


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
