"""Long lists of ids, cut so that no statement meets a database's limit of parameters."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Id = TypeVar("Id", int, str)

IDS_MAX = 10_000  # SQLite takes 32,766 parameters, PostgreSQL 65,535


def batches(ids: Iterable[Id]) -> Iterator[list[Id]]:
    """Return the ids in sorted lists of at most `IDS_MAX`."""
    found = sorted(ids)
    for at in range(0, len(found), IDS_MAX):
        yield found[at : at + IDS_MAX]
