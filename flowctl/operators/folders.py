"""Where does a command work that was given no folder? In a new one, which is removed afterwards.

`tempfile` does the same and more; it lost because with `random`, `shutil` and their libraries it
takes 1 MB, for which each attempt would pay when it is forked.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowctl.late import Late

if TYPE_CHECKING:
    import shutil
else:
    shutil = Late("shutil")

TRIES_MAX = 100  # a name has 64 random bits; one that is taken is made by somebody who guesses


def make(prefix: str) -> str:
    """Make a folder that only this user can enter, and return its path.

    Source: the places that `tempfile` takes, in its order.

    Raises:
        OSError: none of the places can be written; this is what the last one said.
    """
    problem = OSError("there is no folder for temporary files")
    for place in _places():
        for _ in range(TRIES_MAX):
            path = os.path.join(place, prefix + os.urandom(8).hex())
            try:
                os.mkdir(path, 0o700)
            except FileExistsError:
                continue
            except OSError as error:
                problem = error
                break
            return path
    raise problem


@contextmanager
def new(prefix: str) -> Iterator[str]:
    """Give a folder of one's own for a while."""
    folder = make(prefix)
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: str) -> None:
    """Remove a folder; it is nearly always empty, and `rmtree` takes ten times as long."""
    try:
        os.rmdir(folder)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)


def _places() -> Iterator[str]:
    for variable in ("TMPDIR", "TEMP", "TMP"):
        if place := os.environ.get(variable):
            yield os.path.abspath(place)
    yield from ("/tmp", "/var/tmp", "/usr/tmp", os.getcwd())
