"""Lines of flowctl's own in the log of a task."""

import sys
import time

from flowctl import clock


def say(text: str) -> None:
    """Add a line of flowctl's own to the log.

    It looks as if `logging` had written it, which takes a fresh process 0.4 ms for its first line
    (115 memory pages, measured on 2026-11-21).
    """
    sys.stdout.write(f"[{stamp(clock.utcnow().timestamp())}] {{flowctl}} INFO - {text}\n")
    sys.stdout.flush()


def stamp(seconds: float) -> str:
    """Return a moment, in seconds since 1970, as the lines of a log begin."""
    local = time.localtime(seconds)
    second = time.strftime("%Y-%m-%dT%H:%M:%S", local)
    return f"{second}.{int(seconds % 1 * 1000):03d}{time.strftime('%z', local)}"
