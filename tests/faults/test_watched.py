"""A watcher of an asset starts runs, and loses nothing when its triggerer is killed."""

from pathlib import Path

import pytest

from tests.bench.waiting import wait_until
from tests.faults.harness import Home
from tests.faults.test_deferred import SETTLED_S, Triggerers

DAG_FILE = Path(__file__).parent / "dags" / "watched.py"


def lines(home: Home, name: str) -> list[str]:
    """Return the lines of a file that DAG and trigger share with the test."""
    path = home.shared / name
    return path.read_text().split() if path.exists() else []


@pytest.fixture
def triggerers(home: Home) -> Triggerers:
    """Give a home with a watched asset, and a triggerer that watches."""
    home.add(DAG_FILE)
    found = Triggerers(home)
    found.start()
    wait_until(lambda: len(lines(home, "looks")) == 1, SETTLED_S, "the watcher's trigger")
    return found


def test_each_file_comes_into_one_run_though_triggerers_are_killed(
    home: Home, triggerers: Triggerers
) -> None:
    """Those that arrive while there is no triggerer, too."""
    (home.shared / "1.in").touch()
    wait_until(lambda: lines(home, "taken") == ["1.in"], SETTLED_S, "the first run")

    triggerers.kill()
    (home.shared / "2.in").touch()
    said = home.command("assets", "details", "--name", "inbox", "-o", "json")
    assert "watcher 'files' of asset 'inbox' waits for Arrived" in said
    assert "it last brought an event at" in said
    triggerers.start()
    wait_until(lambda: lines(home, "taken") == ["1.in", "2.in"], SETTLED_S, "the second run")
    (home.shared / "3.in").touch()
    wait_until(lambda: len(lines(home, "taken")) == 3, SETTLED_S, "the third run")

    home.await_runs("watched", SETTLED_S)
    assert lines(home, "taken") == ["1.in", "2.in", "3.in"]
    states = home.ask("SELECT state, run_type FROM dag_run WHERE dag_id = 'watched'")
    assert [tuple(row) for row in states] == [("success", "dataset_triggered")] * 3
