"""What really ran? The lines that the tasks themselves appended, and a judgement over them.

The metastore is never asked what ran; it is held against what the tasks wrote.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

Subject = tuple[str, str, str]  # dag, run, task
Victim = tuple[int, int]  # pid, start ticks


@dataclass(frozen=True)
class Line:
    """One line of the audit file."""

    word: str  # START, END, LOOK (an end after which the try goes on), or the name of a callback
    subject: Subject
    try_number: int
    process: Victim
    at_ns: int  # monotonic


def read(path: Path) -> list[Line]:
    """Return what was written so far."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_text().splitlines():
        word, dag, run, task, number, pid, ticks, at = text.split(" ")
        lines.append(Line(word, (dag, run, task), int(number), (int(pid), int(ticks)), int(at)))
    return lines


@dataclass(frozen=True)
class Try:
    """One start, and its end if it came to one."""

    number: int
    process: Victim
    began_ns: int
    ended_ns: int | None
    is_over: bool = True  # False: it came to its end, and another process goes on with the try


def tries(lines: Iterable[Line]) -> dict[Subject, list[Try]]:
    """Return the tries of each task in the order in which they began."""
    ends = {(line.subject, line.process): line for line in lines if line.word in ("END", "LOOK")}
    found: dict[Subject, list[Try]] = defaultdict(list)
    for line in lines:
        if line.word == "START":
            end = ends.get((line.subject, line.process))
            moment, is_over = (end.at_ns, end.word == "END") if end else (None, True)
            one = Try(line.try_number, line.process, line.at_ns, moment, is_over)
            found[line.subject].append(one)
    return found


def most_at_once(lines: Iterable[Line]) -> int:
    """Return how many tries ran at the same moment at most; all of them must have ended."""
    steps = {"START": 1, "END": -1, "LOOK": -1}
    found = sorted((line.at_ns, steps[line.word]) for line in lines if line.word in steps)
    return max(accumulate(step for _, step in found), default=0)


def complaints(
    lines: list[Line], expected: Iterable[Subject], killed: Iterable[Victim]
) -> list[str]:
    """Return what is wrong: lost, started twice, overlapping, run again after success.

    Args:
        expected: tasks that must have run to their end, exactly once.
        killed: processes that the test ended; only they may lack an end.
    """
    by_subject, victims = tries(lines), set(killed)
    wrong = [
        f"{subject}: lost, it never ended"
        for subject in expected
        if not _ended(by_subject[subject])
    ]
    for subject, found in by_subject.items():
        wrong += [f"{subject}: {text}" for text in _wrong(found, victims)]
    return wrong


def _ended(found: list[Try]) -> list[Try]:
    return [one for one in found if one.ended_ns is not None and one.is_over]


def _wrong(found: list[Try], victims: set[Victim]) -> list[str]:
    """Judge one task. A victim that wrote its last line may yet have died before its journal."""
    wrong = []
    numbers = [one.number for one in found]
    if len(set(numbers)) != len(numbers):
        wrong.append(f"a try began twice: {numbers}")
    if len([one for one in _ended(found) if one.process not in victims]) > 1:
        wrong.append("it ran to its end more than once")
    for one in found:
        if one.ended_ns is None and one.process not in victims:
            wrong.append(f"try {one.number} ended early, and nobody killed it")
    for before, after in pairwise(found):
        if after.number < before.number:
            wrong.append(f"try {after.number} began after try {before.number}")
        if before.ended_ns is None:
            continue
        if after.began_ns < before.ended_ns:
            wrong.append(f"tries {before.number} and {after.number} overlap")
        elif before.is_over and before.process not in victims:
            wrong.append(f"try {after.number} began after try {before.number} had succeeded")
    return wrong
