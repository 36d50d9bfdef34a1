"""What was tried, and what came of it: a line for each test, and one table of all.

Tests run in several processes; FAULTS_LEDGER names the file to which each of them appends. Without
it nothing is kept. `python -m tests.faults.ledger FILE` prints the table.
"""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path

HEADS = ("fault", "trials", "lost", "duplicate", "stuck", "other", "recovery p95 s", "worst s")
LOST = ("lost, it never ended", "ended early", "a try was used up")
DUPLICATE = ("began twice", "more than once", "overlap", "had succeeded", "tries, rows")
LAST = 1000
STUCK = ("waited ", "nothing happened for", ": running", ": queued", "is running", "is queued")


@dataclass
class Entry:
    """One kind of fault, so often tried."""

    fault: str
    trials: int = 0
    lost: int = 0
    duplicate: int = 0
    stuck: int = 0
    other: int = 0  # failures of another kind
    recoveries_s: list[float] = field(default_factory=list)  # until work went on

    def strike(self) -> None:
        """Count a fault that is done to something."""
        self.trials += 1

    def complain(self, complaints: Iterable[str]) -> None:
        """Count what a judge found to be wrong."""
        for text in complaints:
            if any(sign in text for sign in LOST):
                self.lost += 1
            elif any(sign in text for sign in DUPLICATE):
                self.duplicate += 1
            elif any(sign in text for sign in STUCK):
                self.stuck += 1
            else:
                self.other += 1

    def add(self, other: "Entry") -> None:
        """Take in what another process tried."""
        self.trials += other.trials
        self.lost += other.lost
        self.duplicate += other.duplicate
        self.stuck += other.stuck
        self.other += other.other
        self.recoveries_s += other.recoveries_s

    @property
    def is_good(self) -> bool:
        """Say whether the promise was kept."""
        return not (self.lost or self.duplicate or self.stuck or self.other)

    def keep(self) -> None:
        """Append this to the ledger, if there is one; a short line is written in one piece."""
        path = os.environ.get("FAULTS_LEDGER")
        if path:
            with Path(path).open("ab", buffering=0) as file:
                file.write(json.dumps(asdict(self)).encode() + b"\n")


current = Entry("")
"""That of the test which runs in this process."""


def begin(fault: str) -> None:
    """Begin the entry of a test."""
    for name, value in vars(Entry(fault)).items():
        setattr(current, name, value)


def summed(lines: Iterable[str]) -> list[Entry]:
    """Return an entry for each kind of fault, by name."""
    found: dict[str, Entry] = {}
    for line in lines:
        entry = Entry(**json.loads(line))
        found.setdefault(entry.fault, Entry(entry.fault)).add(entry)
    return [found[name] for name in sorted(found, key=_place)]


def _place(name: str) -> tuple[int, str]:
    """Order R2 before R10, and what has no such number after all that has."""
    head = name.split()[0]
    is_numbered = head[0] == "R" and head[1:].isdigit()
    return (int(head[1:]) if is_numbered else LAST, name)


def table(entries: Iterable[Entry]) -> str:
    """Return the table, with a line for all together."""
    known, whole = list(entries), Entry("all")
    for entry in known:
        whole.add(entry)
    rows = [_cells(entry) for entry in (*known, whole)]
    widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
    lines = [HEADS, tuple("-" * width for width in widths), *rows]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def _cells(entry: Entry) -> tuple[str, ...]:
    counts = (entry.trials, entry.lost, entry.duplicate, entry.stuck, entry.other)
    found = sorted(entry.recoveries_s)
    times = [f"{found[ceil(len(found) * 0.95) - 1]:.1f}", f"{found[-1]:.1f}"] if found else ["", ""]
    return (entry.fault, *map(str, counts), *times)


if __name__ == "__main__":
    sys.stdout.write(table(summed(Path(sys.argv[1]).read_text().splitlines())) + "\n")
