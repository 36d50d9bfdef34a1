"""How does a wide table fit into a terminal? Long cells go over several lines, narrow ones do not.

Pipes and files never come here: what a script reads does not depend on a window.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence

from flowctl.cli.columns import width, widths_of

JOINT = len(" | ")
MARKS = "/,:;_-+."  # of paths, dates and ids
COLUMN_MIN = 10  # below this a column is a staircase of letters


def room() -> int | None:
    """Return how many columns the terminal has; None when stdout is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def fitted(lines: Sequence[Sequence[str]], columns_max: int) -> list[list[str]] | None:
    """Return the cells of a table with line ends where they must be; None when nothing helps."""
    shares = _shares(widths_of(lines), columns_max)
    if shares is None:
        return None
    return [
        ["\n".join(_wrapped(cell, share)) for cell, share in zip(line, shares, strict=True)]
        for line in lines
    ]


def _shares(widths: Sequence[int], columns_max: int) -> list[int] | None:
    """Return the width of each column: what it needs, and an equal share where that is too much."""
    left = columns_max - JOINT * (len(widths) - 1)
    for place, wanted in enumerate(sorted(widths)):
        share = left // (len(widths) - place)
        if wanted > share:
            return [min(one, share) for one in widths] if share >= COLUMN_MIN else None
        left -= wanted
    return list(widths)


def _wrapped(cell: str, columns_max: int) -> Iterator[str]:
    """Yield the lines of a cell, broken at a blank or after a mark where there is one."""
    for line in cell.split("\n"):
        rest = line
        while width(rest) > columns_max:
            at = _break(rest, _end(rest, columns_max))
            yield rest[:at]
            rest = rest[at:].removeprefix(" ")
        yield rest


def _break(text: str, end: int) -> int:
    """Return where to break a text at `end` or before it, so that each piece can be read."""
    blank = text.rfind(" ", 1, end + 1)
    mark = max(text.rfind(mark, 0, end) for mark in MARKS) + 1
    return blank if blank > 0 else mark if mark > end // 2 else end


def _end(text: str, columns_max: int) -> int:
    """Return how many characters of a text fit, at least one."""
    taken = 0
    for at, character in enumerate(text):
        taken += width(character)
        if taken > columns_max:
            return max(at, 1)
    return len(text)
