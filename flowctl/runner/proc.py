"""What does the kernel say of processes, in the files /proc/PID/stat?"""

import os
from collections.abc import Iterator

STATE, PARENT, SESSION, START_TICKS, RESIDENT_PAGES = 0, 1, 3, 19, 21
"""Where in the fields of `stat` these stand."""


def stat(pid: int) -> list[bytes] | None:
    """Return the fields after pid and name; None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return None
    return text[text.rindex(b")") + 2 :].split()  # a name may have any character


def stats() -> Iterator[tuple[int, list[bytes]]]:
    """Yield the pid and the fields of every process."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := stat(int(entry))) is not None:
            yield int(entry), fields
