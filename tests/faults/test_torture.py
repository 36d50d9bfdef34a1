"""A small version of `python -m tests.faults.torture`; FAULTS_KILLS=500 is the large one."""

import os
import random

import pytest

from tests.faults.harness import Home
from tests.faults.torture import torture

KILLS = int(os.environ.get("FAULTS_KILLS", "8"))
TASKS_PER_KILL = 20


@pytest.mark.timeout(max(300, 15 * KILLS))
def test_random_kills_break_no_promise(home: Home) -> None:
    """Scheduler, runner, zygotes, attempts and all of them, while tasks run."""
    seed = random.randrange(1 << 32)
    try:
        torture(home, kills=KILLS, tasks=KILLS * TASKS_PER_KILL, seed=seed)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from None
