"""When was there too little room, who waited, and for how long?"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowctl.core.simulate import Wait


@dataclass(frozen=True, slots=True)
class Collision:
    """A stretch of time in which a limit kept somebody waiting all along."""

    limit: str
    begin: datetime
    end: datetime
    is_open: bool  # somebody waits still at its end, which is that of what was played
    waits: int
    waited: timedelta  # by all together
    longest: Wait


def collisions(waits: Iterable[Wait], end: datetime) -> list[Collision]:
    """Return the stretches that these waits make, by their beginning.

    Args:
        end: of the time that was played; until then lasts what still waits.
    """
    by_limit: dict[str, list[Wait]] = defaultdict(list)
    for wait in waits:
        by_limit[wait.limit].append(wait)
    found: list[Collision] = []
    for some in by_limit.values():
        together: list[Wait] = []
        until = end
        for wait in sorted(some, key=lambda one: (one.since, one.dag_id, one.run_id, one.task)):
            if together and wait.since > until:
                found.append(_collision(together, end))
                together = []
            until = max(until, wait.until or end) if together else wait.until or end
            together.append(wait)
        found.append(_collision(together, end))
    return sorted(found, key=lambda one: (one.begin, one.limit))


def _collision(waits: list[Wait], end: datetime) -> Collision:
    took = [(wait.until or end) - wait.since for wait in waits]
    return Collision(
        limit=waits[0].limit,
        begin=waits[0].since,
        end=max(wait.until or end for wait in waits),
        is_open=any(wait.until is None for wait in waits),
        waits=len(waits),
        waited=sum(took, timedelta()),
        longest=max(zip(took, waits, strict=True), key=lambda pair: pair[0])[1],
    )
