"""The disk is full: that is said, nothing is corrupted, and work goes on when there is room.

`FAULTS_FULL_S` says for how many seconds it is full.
"""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.waiting import pause, wait_until
from tests.faults.conftest import running
from tests.faults.disk import Disk, NoMount, small_disk
from tests.faults.harness import SETTLED_S, Home
from tests.faults.processes import Role

FULL_S = float(os.environ.get("FAULTS_FULL_S", "1"))
LOOKS_AGAIN = "looks"  # a sensor, whose try begins anew with each look
NAMED = ("No space left on device", "disk is full", "database or disk is full")
STANDING = (Role.SCHEDULER, Role.RUNNER, Role.BASE)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Give a file system of 16 MB."""
    try:
        with small_disk(tmp_path / "disk") as disk:
            yield disk
    except NoMount as error:
        pytest.skip(f"this test mounts a small file system: {error}")


@pytest.fixture
def full_home(tmp_path: Path, disk: Disk) -> Iterator[Home]:
    """Give a home on a small disk; its metastore is elsewhere."""
    home = Home(disk.path, f"sqlite:///{tmp_path / 'flowctl.db'}", shared=tmp_path)
    _keep_outside(home, tmp_path)
    yield from running(home)


@pytest.fixture
def full_metastore(tmp_path: Path, disk: Disk) -> Iterator[Home]:
    """Give a home whose metastore alone is on a small disk."""
    yield from running(Home(tmp_path, f"sqlite:///{disk.path / 'flowctl.db'}"))


@pytest.fixture
def crammed_home(tmp_path: Path, disk: Disk) -> Iterator[Home]:
    """Give a home with its metastore in it, on a small disk; only the DAG files are elsewhere."""
    home = Home(disk.path, f"sqlite:///{disk.path / 'flowctl.db'}", shared=tmp_path)
    _keep_outside(home, tmp_path)
    yield from running(home)


def _keep_outside(home: Home, folder: Path) -> None:
    home.log, home.dags = folder / "scheduler.log", folder / "dags"
    home.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(home.dags)


def test_a_full_home_loses_no_outcome_and_goes_on_when_there_is_room(
    full_home: Home, disk: Disk
) -> None:
    """What a task did before the disk was full is not done again after it."""
    home = full_home
    home.trigger("gate")
    before = home.await_line("START", "waits")[0]
    daemons = home.processes(*STANDING)
    disk.fill()
    home.open_gates()
    home.await_line("END", "waits")
    home.trigger("five")
    home.add(Path(__file__).parent / "dags" / "late.py")
    home.trigger("late")
    pause(FULL_S)
    disk.free()
    for dag_id in ("gate", "five", "late"):
        home.await_runs(dag_id)

    assert all(daemon.is_alive for daemon in daemons)
    assert home.await_line("END", "waits")[0].process == before.process
    assert home.ask("SELECT count(*) FROM task_try WHERE state = 'running'")[0][0] == 0
    _judge(home)


def test_a_full_metastore_loses_nothing_and_is_not_corrupted(
    full_metastore: Home, disk: Disk
) -> None:
    """Outcomes are kept on the other disk until there is room; the logs say why nothing moves."""
    home = full_metastore
    home.trigger("gate")
    home.trigger("layers")
    home.await_line("START", "waits")
    home.await_line("END", "t0_3")
    daemons = home.processes(*STANDING)
    disk.fill()
    home.open_gates()
    home.await_line("END", "waits")
    pause(FULL_S)
    refused = home.try_command("variables", "set", "large", "x" * 100_000)
    wait_until(lambda: _is_said(home), SETTLED_S, "a daemon to say why nothing moves")
    disk.free()
    for dag_id in ("gate", "layers"):
        home.await_runs(dag_id)

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr
    assert "database or disk is full" in refused.stderr
    assert all(daemon.is_alive for daemon in daemons)
    _require_sound(disk.path / "flowctl.db")
    home.judge()


def test_everything_on_one_full_disk_goes_on_when_there_is_room(
    crammed_home: Home, disk: Disk
) -> None:
    """Home and metastore: the default."""
    home = crammed_home
    home.trigger("gate")
    before = home.await_line("START", "waits")[0]
    daemons = home.processes(*STANDING)
    disk.fill()
    home.open_gates()
    home.await_line("END", "waits")
    home.add(Path(__file__).parent / "dags" / "late.py")
    pause(FULL_S)
    disk.free()
    home.trigger("late")
    for dag_id in ("gate", "late"):
        home.await_runs(dag_id)

    assert all(daemon.is_alive for daemon in daemons)
    assert home.await_line("END", "waits")[0].process == before.process
    _require_sound(disk.path / "flowctl.db")
    _judge(home)


def test_processes_that_died_on_a_full_disk_are_replaced_when_there_is_room(
    full_home: Home, disk: Disk
) -> None:
    """The runner starts with files of its own, for which there is no room."""
    home = full_home
    home.trigger("gate")
    before = home.await_line("START", "waits")[0]
    scheduler = home.await_process(Role.SCHEDULER)
    disk.fill()
    home.kill(home.processes(Role.RUNNER, Role.BASE))
    home.open_gates()
    home.await_line("END", "waits")
    pause(FULL_S)
    disk.free()
    home.await_runs("gate")

    assert scheduler.is_alive
    assert home.await_line("END", "waits")[0].process == before.process
    _judge(home)


def test_a_dag_file_that_came_while_the_disk_was_full_is_usable_afterwards(
    full_home: Home, disk: Disk
) -> None:
    """Nothing of it is half recorded."""
    home = full_home
    home.trigger("five")
    home.await_runs("five")
    disk.fill()
    home.add(Path(__file__).parent / "dags" / "late.py")
    home.patiently(lambda: bool(home.ask("SELECT 1 FROM dag WHERE dag_id = 'late'")), "the DAG")
    disk.free()

    assert not home.ask("SELECT error FROM dag_file WHERE error IS NOT NULL")


def _is_said(home: Home) -> bool:
    said = home.log.read_text() + (home.path / "logs" / "runner.log").read_text()
    return any(words in said for words in NAMED)


def _judge(home: Home) -> None:
    """Every task ended well, once; a try that had no room for its files says so."""
    wrong = [f"{row}" for row in home.tasks().values() if row.state != "success"]
    tries = "SELECT reason FROM task_try WHERE state != 'success'"
    wrong += [
        str(reason) for (reason,) in home.ask(tries) if not any(words in reason for words in NAMED)
    ]
    seen = [
        (line.subject, line.word)
        for line in home.lines()
        if line.word == "END" or (line.word == "START" and line.subject[2] != LOOKS_AGAIN)
    ]
    wrong += [f"{one} twice" for one in seen if seen.count(one) > 1]
    assert not wrong, "\n".join([*wrong[:20], home.situation()])


def _require_sound(path: Path) -> None:
    conn = sqlite3.connect(path)
    assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    conn.close()
