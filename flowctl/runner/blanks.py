"""The empty files that attempts write their records into, used again and again.

Making and removing two files for each attempt costs the file system twice as much (140 against 70
us on ext4). Without a journal ext4 also looks at each inode that was freed in the last seconds when
it needs one: a fifth of what zygotes and attempts did at 200 attempts a second (measured on
2026-11-21).
"""

import contextlib
import itertools
import os
from pathlib import Path

from flowctl.runner.spool import Key

ENDING = ".blank"
ERASED_BYTES_MAX = 1 << 16


class Blanks:
    """The blanks of one runner.

    Their names are of no other: an attempt that was ordered by a runner that is gone finds its
    blank gone, too, and does not begin.
    """

    def __init__(self, folder: Path) -> None:
        """Begin with none; those of earlier runners are removed.

        Args:
            folder: that of the spool.
        """
        for old in folder.glob(f"*{ENDING}"):
            old.unlink()
        name = f"{folder}/{os.getpid()}-{os.urandom(4).hex()}"
        self._names = (f"{name}-{number}{ENDING}" for number in itertools.count())
        self._free: list[str] = []
        self._taken: dict[Key, str] = {}

    def take(self, key: Key) -> str:
        """Return a blank for an order; the one of an earlier order of the attempt is void then.

        Raises:
            OSError: there is no room for a file.
        """
        self.drop(key)
        blank = self._free.pop() if self._free else self._new()
        self._taken[key] = blank
        return blank

    def give_back(self, key: Key) -> None:
        """Erase what an attempt wrote, a conf with its secrets, too, and let others write there.

        It is over and recorded.
        """
        blank = self._taken.pop(key, None)
        if blank is not None and _is_erased(blank):
            self._free.append(blank)

    def drop(self, key: Key) -> None:
        """Have nobody begin an attempt with its blank any more."""
        blank = self._taken.pop(key, None)
        if blank is not None:
            _unlink(blank)

    def close(self) -> None:
        """Remove what nobody writes into."""
        for blank in self._free:
            _unlink(blank)
        self._free.clear()

    def _new(self) -> str:
        name = next(self._names)
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        return name


def _is_erased(path: str) -> bool:
    """Write zeros over a file, or remove it where it is large; say whether it is still there.

    To cut it to nothing would cost ext4 200 us, against 5 (2026-11-22).
    """
    with contextlib.suppress(OSError), open(path, "r+b", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size <= ERASED_BYTES_MAX and file.write(bytes(size)) == size:
            return True
    _unlink(path)
    return False


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
