"""Tests run side by side in several processes; one that measures time has the machine to itself.

Whoever enters passes a door first, and who wants the room for itself holds the door until all
others have left: so it waits for the tests that run now, and for no later ones.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def place(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold a place among the tests of all processes that name this folder.

    Leaving is said aloud: a process that was forked meanwhile holds copies of the files.
    """
    with (folder / "door").open("w") as door, (folder / "room").open("w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(room, fcntl.LOCK_UN)
