"""Which tasks come after a task, or before it, directly or not? As bit sets: one bit for a place.

For a chain of 10,000 tasks this takes a fraction of a second, where walking the graph from each
task takes minutes.
"""

from collections.abc import Collection, Iterable, Mapping

Relatives = Mapping[str, Collection[str]]


def masks(places: Mapping[str, int], ids: Iterable[str], relatives: Relatives) -> dict[str, int]:
    """Return for each task the bits of all that its arrows lead to.

    Args:
        places: the bit of each task.
        ids: the tasks in such an order that each comes after its relatives.
        relatives: the direct ones.
    """
    found: dict[str, int] = {}
    for name in ids:
        mask = 0
        for near in relatives[name]:
            mask |= found[near] | (1 << places[near])
        found[name] = mask
    return found


def bits(mask: int) -> list[int]:
    """Return the places of the bits that are set, the lowest first."""
    places = []
    while mask:
        lowest = mask & -mask
        places.append(lowest.bit_length() - 1)
        mask ^= lowest
    return places


def reached(start: Iterable[str], relatives: Relatives) -> set[str]:
    """Return every task that the arrows lead to from `start`, directly or not."""
    found: set[str] = set()
    queue = list(start)
    while queue:
        new = set(relatives[queue.pop()]) - found
        found |= new
        queue += new
    return found
