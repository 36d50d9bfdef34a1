"""A small file system that a test can fill to the last byte, and empty again."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from tests.bench.waiting import wait_until

SIZE = "16m"
BALLAST_BYTES = 1 << 16
UNMOUNTED_S = 30.0


class NoMount(Exception):
    """This user may not mount a file system."""


class Disk:
    """A mounted tmpfs; its users see it full when `fill` was called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """Take what room there is."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (BALLAST_BYTES, 1):
                _write_all(file, bytes(size))

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink()


def _write_all(file: FileIO, data: bytes) -> None:
    try:
        while True:
            file.write(data)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    """Mount a small file system at `path`, and unmount it at the end.

    Raises:
        NoMount: that is not allowed here.
    """
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "flowctl-test", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NoMount("there is no program mount") from error
    if done.returncode != 0:
        raise NoMount(done.stderr.strip())
    try:
        yield Disk(path)
    finally:
        wait_until(lambda: _unmount(path), UNMOUNTED_S, f"the end of the users of {path}")


def _unmount(path: Path) -> bool:
    return subprocess.run(["umount", str(path)], capture_output=True, check=False).returncode == 0
