"""Thousands of attempts and new versions of a file: nothing that flowctl has grows with them.

FAULTS_SOAK says how many attempts; there is a new version for each twentieth (of more,
each twenty-fifth).
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.store import database
from tests.faults import ledger, soak
from tests.faults.harness import Home
from tests.faults.soak import Sample

ATTEMPTS = int(os.environ.get("FAULTS_SOAK", "2000"))
PARSES = max(ATTEMPTS // 25, 100)
FILES = 5  # that are changed at the same time
OF_THE_JUDGE = 900
TASKS = 100
DAG_FILE = """# version {number}
from airflow import DAG
from airflow.operators.python import PythonOperator
from datetime import datetime

with DAG("soak{file}", start_date=datetime(2026, 1, 1), schedule=None, max_active_tasks=100):
    for at in range({tasks}):
        PythonOperator(task_id=f"t{{at}}", python_callable=lambda: print("x" * 200))
"""


@pytest.fixture
def soaking(tmp_path: Path, sqlite_url: str) -> Iterator[Home]:
    """Give a home that keeps a few runs; its retention passes again and again."""
    home = Home(tmp_path, sqlite_url)
    home.environ |= {
        "FLOWCTL__RETENTION__RUNS_PER_DAG": "3",
        "FLOWCTL__RETENTION__RUNS_KEPT": "1",
        "FLOWCTL__RETENTION__VERSIONS_PER_DAG": "5",
        "PYTHONPATH": str(Path.cwd()),
    }
    try:
        yield home
    finally:
        home.close()


def samples(home: Home, attempts: int, parses: int) -> list[Sample]:
    """Run tasks and change files; look at all after each run."""
    runs, steps = attempts // TASKS, parses // FILES
    home.dags.mkdir()
    database.migrate(home.engine)
    home.start(program=("-m", "tests.faults.soaking"))
    found = []
    _change(home, -1)
    for number in range(runs):
        for step in range(steps * number // runs, steps * (number + 1) // runs):
            _change(home, step)
        home.trigger("soak0")
        home.await_runs("soak0", 120)
        ledger.current.trials += TASKS
        found.append(soak.taken(home, (number + 1) * TASKS))
    return found


def _change(home: Home, step: int) -> None:
    """Give each file another version, and wait until all are known."""
    before = _versions(home)
    for file in range(FILES):
        text = DAG_FILE.format(number=step, file=file, tasks=TASKS)
        (home.dags / f"soak{file}.py").write_text(text)
    home.patiently(lambda: len(_versions(home) - before) == FILES, f"version {step} of all files")


def _versions(home: Home) -> set[tuple[str, int]]:
    return {tuple(row) for row in home.ask("SELECT dag_id, version_id FROM dag")}


@pytest.mark.timeout(7200)
def test_attempts_and_parses_make_nothing_grow(soaking: Home) -> None:
    """Memory, descriptors and threads of each process; rows of each table; bytes of logs."""
    found = samples(soaking, ATTEMPTS, PARSES)

    last = found[-1]
    sys.stdout.write(f"{last}\n")
    states = soaking.ask("SELECT state, count(*) FROM task_instance GROUP BY state")
    assert dict(tuple(row) for row in states).keys() == {"success"}
    assert soak.grown(found) == []


@pytest.mark.timeout(600)
def test_without_retention_rows_and_logs_are_seen_to_grow(soaking: Home) -> None:
    """The judge can fail."""
    soaking.environ["FLOWCTL__RETENTION__ENABLED"] = "False"

    found = " ".join(soak.grown(samples(soaking, OF_THE_JUDGE, 9 * FILES)))

    for name in ("dag_run:", "task_instance:", "task_try:", "dag_version:", "logs:"):
        assert name in found


def test_a_process_that_comes_back_is_no_growth() -> None:
    """On a slow machine more of its rests are seen in one third than in another."""
    size = {"parser": 40 * soak.MIB}
    resting = [
        Sample(100 * n, size, {"parser": 9}, {"parser": 1}) if n > 20 or n % 3 == 0 else Sample(n)
        for n in range(30)
    ]

    assert soak.grown(resting) == []


@pytest.mark.parametrize("what", ["rss", "fds", "threads"])
def test_a_leak_in_a_process_is_told(what: str) -> None:
    """The judge again: a tenth of a mebibyte, or a descriptor, for each hundred attempts."""
    by = 400_000 if what == "rss" else 1
    leaking = [Sample(100 * n, {"runner": 1}, {"runner": 1}, {"runner": 1}) for n in range(60)]
    assert soak.grown(leaking) == []
    for number, sample in enumerate(leaking):
        setattr(sample, what, {"runner": by * number})

    assert [found.split(" of ")[0] for found in soak.grown(leaking)] == [what]
