"""What DAG files print while they are parsed, kept within bounds.

Of one parse the beginning and the end are kept. The log of a file is two pieces of bounded size:
when the first is full it replaces the second. Nothing a DAG file prints can fill the disk.
"""

import os
from pathlib import Path

HEAD_BYTES = 48 * 2**10
TAIL_BYTES = 16 * 2**10
LOG_BYTES_MAX = 256 * 2**10  # of one of the two pieces


class Output:
    """Collects the bytes that one child prints."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._size_bytes = 0

    def add(self, data: bytes) -> None:
        """Take more of it; cheap, however much it is."""
        self._size_bytes += len(data)
        room = HEAD_BYTES - len(self._head)
        self._head += data[:room]
        if len(data) > room:
            self._tail = (self._tail + data[max(room, 0) :])[-TAIL_BYTES:]

    def text(self) -> str:
        """Return what was kept, and how much was not."""
        cut_bytes = self._size_bytes - len(self._head) - len(self._tail)
        gap = f"\n... {cut_bytes:,} bytes are left out here ...\n" if cut_bytes else ""
        return _text(self._head) + gap + _text(self._tail)

    def last_lines(self, count: int = 40) -> str:
        """Return the last lines, at most 4,000 characters of them."""
        both = bytes(self._tail if len(self._tail) >= 4000 else self._head + self._tail)
        return "\n".join(_text(both[-4000:]).splitlines()[-count:])


def append(path: Path, text: str) -> None:
    """Add `text` to the log of one file; the older half is dropped when it gets too long."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    data = text.encode(errors="backslashreplace")
    if path.exists() and path.stat().st_size + len(data) > LOG_BYTES_MAX:
        os.replace(path, older(path))
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    with os.fdopen(fd, "ab") as file:
        file.write(data)


def remove(path: Path) -> None:
    """Forget the log of a file that is gone."""
    path.unlink(missing_ok=True)
    older(path).unlink(missing_ok=True)


def older(path: Path) -> Path:
    """Return where the older half of a log is."""
    return path.with_name(path.name + ".1")


def _text(data: bytes | bytearray) -> str:
    return data.decode(errors="backslashreplace")
