"""`python -m tests.bench.ticks FILE scheduler`: flowctl, writing down how long its ticks take.

A line each, in milliseconds of CPU, as others may use the machine: of the whole tick, and of the
decision in it.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from flowctl.cli.main import main
from flowctl.scheduler import loop


def measured(out: TextIO) -> None:
    """Have the loop of this process measured."""
    decided = [0.0]
    decide, tick = vars(loop)["decide"], loop.Loop.tick

    def timed_decide(*given: Any) -> Any:
        answer, decided[0] = _timed(decide, *given)
        return answer

    def timed_tick(*given: Any) -> Any:
        decided[0] = 0.0
        answer, took = _timed(tick, *given)
        out.write(f"{took:.3f} {decided[0]:.3f}\n")
        return answer

    vars(loop)["decide"] = timed_decide
    setattr(loop.Loop, "tick", timed_tick)  # noqa: B010 - of any signature


def _timed(deed: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    began = time.process_time()
    answer = deed(*given)
    return answer, 1000 * (time.process_time() - began)


def read(path: Path) -> tuple[list[float], list[float]]:
    """Return how long ticks took, and the decisions in them."""
    rows = [line.split() for line in path.read_text().splitlines()]
    whole = [row for row in rows if len(row) == 2]
    return [float(tick) for tick, _ in whole], [float(decision) for _, decision in whole]


if __name__ == "__main__":
    with Path(sys.argv[1]).open("w", buffering=1) as file:
        measured(file)
        main(sys.argv[2:], prog_name="flowctl")
