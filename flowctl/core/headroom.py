"""Is there memory for one more task?

A task counts with what it declares, else with what its attempts took lately; one of which nothing
much is known counts with nothing. What those under way may yet take is left free for them. A task
beside which no other of these runs is let in, however much it needs: waiting would make no room.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from flowctl.core import sizes
from flowctl.core.run import Task

HEAVY_BYTES = 128 * 2**20
"""Below this a peak that was seen counts with nothing: an attempt shares most of the first 30 to
60 MiB with the process that it is forked from."""
NAMED_MAX = 3  # tasks in a sentence


@dataclass(frozen=True, slots=True)
class Budget:
    """What is known of the memory of the machine, in bytes."""

    total: int  # that tasks may take together
    available: int  # that nobody takes now
    taken: Mapping[int, int] = field(default_factory=dict)  # by attempts, by task instance


def expectation(before: int, peak_bytes: int) -> int:
    """Return what to expect of a task after an attempt with this peak; 0: nothing much.

    One that took little once may take much again: what was expected is halved with each.
    """
    expected = max(peak_bytes, before // 2)
    return expected if expected >= HEAVY_BYTES else 0


def shortage(budget: Budget, users: Iterable[Task], task: Task) -> str | None:
    """Say in words why there is no memory for `task` beside `users`, or None if there is."""
    claims = {user: max(user.expected_bytes, budget.taken.get(user.id, 0)) for user in users}
    if not claims:
        return None
    to_come = sum(claim - budget.taken.get(user.id, 0) for user, claim in claims.items())
    free = min(budget.total - sum(claims.values()), budget.available - to_come)
    if task.expected_bytes <= free:
        return None
    needs, total = sizes.shown(task.expected_bytes), sizes.shown(budget.total)
    by = _names(sorted(claims, key=lambda user: -claims[user]))
    if task.expected_bytes > budget.total:
        return f"waits to run alone: needs {needs} of memory, of {total} in all; used by {by}"
    rest = sizes.shown(max(0, free))
    return f"waits for memory: needs {needs}, {rest} free of {total}; used by {by}"


def _names(users: list[Task]) -> str:
    named = ", ".join(f"{user.run.dag_id}.{user.name}" for user in islice(users, NAMED_MAX))
    more = len(users) - NAMED_MAX
    return f"{named} and {more} more" if more > 0 else named
