"""The ruler: lines `<tag> <index> <unix time>` that the tasks' own code appends to a file.

No figure comes from what flowctl wrote down about itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.bench.waiting import wait_until


class Incomplete(Exception):
    """Tasks are missing from the stamps, or ran twice: the measurement is void."""


@dataclass(frozen=True)
class Stamp:
    """The moment (unix seconds) at which the user's code of one task ran."""

    tag: str
    index: str
    at: float


def read(path: Path) -> list[Stamp]:
    """Return the stamps so far, in the order of their moments."""
    lines = path.read_text().splitlines() if path.exists() else []
    words = [line.split() for line in lines]
    found = [Stamp(tag, index, float(at)) for tag, index, at in words]
    return sorted(found, key=lambda stamp: stamp.at)


def wait_for(path: Path, count: int, deadline_s: float, still: Callable[[], None]) -> list[Stamp]:
    """Return the stamps once there are `count`.

    Raises:
        Incomplete: a task stamped twice, or there were more than `count`.
        TimeoutError: too few after `deadline_s`; `still` may raise before, when all is lost.
    """

    def enough() -> bool:
        still()
        return path.exists() and path.read_bytes().count(b"\n") >= count

    wait_until(enough, deadline_s, f"{count} stamps")
    stamps = read(path)
    once_each(stamps, count)
    return stamps


def once_each(stamps: Sequence[Stamp], count: int) -> None:
    """Check that `count` tasks stamped, each once.

    Raises:
        Incomplete: they did not.
    """
    different = len({(stamp.tag, stamp.index) for stamp in stamps})
    if len(stamps) != count or different != count:
        raise Incomplete(f"{len(stamps)} stamps of {different} tasks, expected {count}")


def rate_between(stamps: Sequence[Stamp], count: int) -> float:
    """Return tasks per second: `count` over the time from the task `src` to the task `snk`."""
    at = {stamp.tag: stamp.at for stamp in stamps}
    return count / (at["snk"] - at["src"])


def gaps_ms(stamps: Sequence[Stamp]) -> list[float]:
    """Return the times between each two stamps that follow each other."""
    return [1000 * (after.at - before.at) for before, after in pairwise(stamps)]
