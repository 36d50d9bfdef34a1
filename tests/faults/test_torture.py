"""A small version of `python -m tests.faults.torture`."""

import random

from tests.faults.harness import Home
from tests.faults.torture import torture


def test_random_kills_break_no_promise(home: Home) -> None:
    """Scheduler, runner, zygotes, attempts and all of them, while tasks run."""
    seed = random.randrange(1 << 32)
    try:
        torture(home, kills=8, tasks=150, seed=seed)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from None
