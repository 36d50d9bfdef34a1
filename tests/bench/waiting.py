"""Pauses and bounded waits. A fixed pause would lock onto somebody's polling; ours are random."""

import random
import threading
import time
from collections.abc import Callable

LOOK_S = 0.02
_NEVER = threading.Event()


def pause(seconds: float) -> None:
    """Let time pass; a measurement has to."""
    _NEVER.wait(seconds)


def pause_between(least_s: float, most_s: float) -> None:
    """Let a random time pass."""
    pause(random.uniform(least_s, most_s))


def wait_until(is_so: Callable[[], bool], deadline_s: float, what: str) -> float:
    """Wait until something is so; return how many seconds that took.

    Raises:
        TimeoutError: it was not so after `deadline_s`.
    """
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > deadline_s:
            raise TimeoutError(f"waited {deadline_s:g} s for {what}")
        pause(LOOK_S * random.uniform(0.5, 1.5))
    return time.monotonic() - began
