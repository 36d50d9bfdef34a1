"""A log file by lines, from any place in either direction: what is read is bounded, not the file.

A place in a log is a count of bytes. A line longer than `LINE_BYTES_MAX` is cut.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

BLOCK_BYTES = 1 << 18
SCAN_BYTES_MAX = 1 << 23  # looked through for one answer: some 0.1 s
LINE_BYTES_MAX = 1 << 16
Level = Literal["debug", "info", "warning", "error", "critical"]
_LEVELS: dict[bytes, Level] = {
    b"DEBUG": "debug",
    b"INFO": "info",
    b"WARNING": "warning",
    b"ERROR": "error",
    b"CRITICAL": "critical",
}
_LEVEL = re.compile(rb"^\[[^\]]{10,40}\](?: \{[^}]{0,300}\})? (DEBUG|INFO|WARNING|ERROR|CRITICAL) ")


class Line(NamedTuple):
    """One line without its end; `start` is its place."""

    start: int
    text: str
    level: Level | None


class Wanted(NamedTuple):
    """Which lines; None and empty mean all."""

    contains: bytes = b""  # in any case
    levels: tuple[Level, ...] = ()

    def has(self, line: bytes) -> bool:
        """Say whether a line is wanted."""
        if self.contains and self.contains not in line.lower():
            return False
        return not self.levels or level_of(line) in self.levels


class Piece(NamedTuple):
    """Some lines in the order of the file, and what was looked through for them."""

    lines: list[Line]
    start: int
    end: int
    size: int  # of the whole file


def level_of(line: bytes) -> Level | None:
    """Return the level that a line names, or None."""
    found = _LEVEL.match(line[:400])
    return _LEVELS[found.group(1)] if found else None


def after(path: Path, place: int, count: int, wanted: Wanted, *, is_whole: bool) -> Piece:
    """Return the lines from a place on.

    Args:
        is_whole: nothing is added any more; else an unfinished last line comes when it is finished.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = end = min(place, size)
        lines: list[Line] = []
        file.seek(start)
        while len(lines) < count and end - start < SCAN_BYTES_MAX:
            content = file.readline(LINE_BYTES_MAX)
            if not content or (not is_whole and _is_unfinished(content)):
                break
            if wanted.has(content):
                lines.append(_line(end, content))
            end += len(content)
    return Piece(lines, start, end, size)


def before(path: Path, place: int | None, count: int, wanted: Wanted, *, is_whole: bool) -> Piece:
    """Return the last lines before a place; None is the end of the file. See `after`."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        end = size if place is None else min(place, size)
        start, lines = end, list[Line]()
        for begin, content in _backwards(file, end):
            if begin + len(content) == size and not is_whole and _is_unfinished(content):
                end = start = begin  # unfinished: it comes when it is finished
                continue
            if wanted.has(content):
                lines.append(_line(begin, content))
            start = begin
            if len(lines) == count or end - start >= SCAN_BYTES_MAX:
                break
    return Piece(lines[::-1], start, end, size)


def _backwards(file: BinaryIO, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that end at or before `end`, the last first, each with its place."""
    rest, place = b"", end
    while place:
        step = min(BLOCK_BYTES, place)
        place -= step
        file.seek(place)
        rest = file.read(step) + rest
        at = len(rest)
        while (cut := rest.rfind(b"\n", 0, at - 1) + 1) > 0:
            yield place + cut, rest[cut:at]
            at = cut
        rest = rest[:at]
        if len(rest) > LINE_BYTES_MAX and place:
            yield place, rest
            rest = b""
    if rest:
        yield 0, rest


def _is_unfinished(content: bytes) -> bool:
    return content[-1:] != b"\n" and len(content) < LINE_BYTES_MAX


def _line(start: int, content: bytes) -> Line:
    text = content[:LINE_BYTES_MAX].rstrip(b"\r\n").decode(errors="replace")
    return Line(start, text, level_of(content))
