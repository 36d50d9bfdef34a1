"""The scheduler and the runner die at the n-th step of a run; the run ends as it always does.

A step is a statement, or a file that is written, renamed or removed; see `mortal`.

`FAULTS_STRIDE=1` takes every n; the default takes every thirty-second, from a random first one.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import ledger
from tests.faults.conftest import running
from tests.faults.harness import Home
from tests.faults.processes import Role

STRIDE = int(os.environ.get("FAULTS_STRIDE", "32"))
MORTAL = Path(__file__).parent / "mortal"
ENDED = ("success", "failed")


@pytest.fixture
def mortal_home(tmp_path: Path, metastore_url: str) -> Iterator[Home]:
    """Give a home whose scheduler and runner can be armed."""
    home = Home(tmp_path, metastore_url)
    home.environ["PYTHONPATH"] = f"{MORTAL}:{Path.cwd()}"
    yield from running(home)


@pytest.mark.parametrize(
    ("role", "dag_id"),
    [(Role.SCHEDULER, "again"), (Role.RUNNER, "again"), (Role.SCHEDULER, "mapped")],
)
def test_death_at_any_step_changes_no_outcome(mortal_home: Home, role: Role, dag_id: str) -> None:
    """No task is lost or run twice, and no try is used up, wherever the process dies."""
    home = mortal_home
    home.trigger(dag_id)
    home.await_runs(dag_id)
    number = random.randint(1, STRIDE)
    while _dies_at(home, role, dag_id, number):
        number += STRIDE
    home.await_runs(dag_id)

    home.judge(line.process for line in home.lines() if line.subject[2] == "once_more")
    assert number > STRIDE, "it did not die even once"


def _dies_at(home: Home, role: Role, dag_id: str, number: int) -> bool:
    """Arm a process, run the DAG to its end; say whether the process died on the way."""
    victim = home.await_process(role)
    (home.shared / f"arm.{role}").write_text(str(number))
    run_id = home.trigger(dag_id)[0]
    home.patiently(
        lambda: not victim.is_alive or home.states(dag_id)[run_id] in ENDED,
        f"death at step {number}, or the end of the run",
    )
    is_dead = not victim.is_alive
    if home.scheduler.poll() is not None:
        home.start()
    took_s = home.patiently(
        lambda: home.states(dag_id)[run_id] in ENDED, f"the run after death at step {number}"
    )
    if is_dead:
        ledger.current.strike()
        ledger.current.recoveries_s.append(took_s)
    return is_dead
