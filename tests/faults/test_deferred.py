"""Deferred tasks outlive whatever is killed, and each wakes exactly once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.waiting import wait_until
from tests.faults.harness import Home

DAG_FILE = Path(__file__).parent / "dags" / "deferred.py"
COUNT = 20
SETTLED_S = 60.0


class Triggerers:
    """The triggerers of a home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start one more."""
        log = (self._home.path / "triggerer.log").open("ab")
        self._running.append(
            subprocess.Popen(
                [sys.executable, "-m", "flowctl", "triggerer"],
                env=self._home.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        )

    def kill(self) -> None:
        """Kill the one that was started first."""
        process = self._running.pop(0)
        process.kill()
        process.wait()

    def looks(self) -> dict[str, set[str]]:
        """Return which tasks' triggers each triggerer has begun to run, by its pid."""
        found: dict[str, set[str]] = {}
        path = self._home.shared / "looks"
        for line in path.read_text().splitlines() if path.exists() else ():
            pid, task_id = line.split()
            found.setdefault(pid, set()).add(task_id)
        return found

    def await_looks(self) -> None:
        """Wait until the one that was started last runs every trigger."""
        pid = str(self._running[-1].pid)
        wait_until(lambda: len(self.looks().get(pid, ())) == COUNT, SETTLED_S, f"triggers in {pid}")


@pytest.fixture
def triggerers(home: Home) -> Triggerers:
    """Give a home whose DAG `deferred` waits in a triggerer."""
    home.add(DAG_FILE)
    found = Triggerers(home)
    found.start()
    home.trigger("deferred")
    found.await_looks()
    return found


def judged(home: Home) -> None:
    """Wait for the end, and hold what the tasks wrote against the promise."""
    home.open_gates()
    home.await_runs("deferred", SETTLED_S)
    home.judge()
    assert len([line for line in home.lines() if line.word == "END"]) == COUNT
    looks = (home.shared / "looks").read_text().splitlines()
    assert len(looks) == len(set(looks))  # no triggerer ran a trigger twice


def test_a_killed_triggerer_is_replaced_by_the_next(home: Home, triggerers: Triggerers) -> None:
    """Each trigger is run again; the tasks never notice."""
    triggerers.kill()
    triggerers.start()
    triggerers.await_looks()

    judged(home)


def test_another_triggerer_takes_over_at_once(home: Home, triggerers: Triggerers) -> None:
    """It stood by with nothing to do."""
    triggerers.start()
    triggerers.kill()
    triggerers.await_looks()

    judged(home)


def test_events_that_come_while_the_scheduler_is_dead_are_not_lost(
    home: Home, triggerers: Triggerers
) -> None:
    home.kill_scheduler()
    home.open_gates()
    fired = "SELECT count(*) FROM deferral WHERE fired_at IS NOT NULL"
    home.patiently(lambda: home.ask(fired)[0][0] == COUNT, "events", SETTLED_S)
    triggerers.kill()
    home.start()

    judged(home)
