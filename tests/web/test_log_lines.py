"""Reading a log by lines, in both directions."""

import random
from pathlib import Path

import pytest

from flowctl.web import log_lines
from flowctl.web.log_lines import Wanted

ALL = Wanted()


def forwards(path: Path, count: int) -> list[str]:
    found, place = [], 0
    while True:
        piece = log_lines.after(path, place, count, ALL, is_whole=True)
        found += [line.text for line in piece.lines]
        if piece.end == piece.size:
            return found
        place = piece.end


def backwards(path: Path, count: int) -> list[str]:
    found: list[str] = []
    piece = log_lines.before(path, None, count, ALL, is_whole=True)
    while True:
        found = [line.text for line in piece.lines] + found
        if not piece.start:
            return found
        piece = log_lines.before(path, piece.start, count, ALL, is_whole=True)


@pytest.mark.parametrize("seed", range(5))
def test_both_directions_find_the_same_lines(tmp_path: Path, seed: int) -> None:
    chance, path = random.Random(seed), tmp_path / "log"
    lines = ["x" * chance.choice([0, 1, 80, 3000]) for _ in range(chance.randrange(1, 700))]
    path.write_text("\n".join(lines) + chance.choice(["", "\n"]))
    expected = path.read_text().split("\n")
    expected = expected[:-1] if expected[-1] == "" else expected

    assert forwards(path, 7) == expected
    assert backwards(path, 7) == expected


def test_a_line_that_is_being_written_waits_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\ntw")

    end = log_lines.before(path, None, 10, ALL, is_whole=False)
    assert [line.text for line in end.lines] == ["one"]
    path.write_text("one\ntwo\n")
    more = log_lines.after(path, end.end, 10, ALL, is_whole=False)
    assert [line.text for line in more.lines] == ["two"]


def test_a_line_without_end_is_cut_and_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)

    for piece in (
        log_lines.after(path, 0, 3, ALL, is_whole=True),
        log_lines.before(path, None, 3, ALL, is_whole=True),
    ):
        assert len(piece.lines) == 3
        assert all(len(line.text) <= log_lines.LINE_BYTES_MAX for line in piece.lines)


def test_a_search_goes_so_far_and_says_how_far(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"hay\n" * (3 * log_lines.SCAN_BYTES_MAX // 4) + b"Needle\n")
    wanted = Wanted(b"needle")

    piece = log_lines.after(path, 0, 1, wanted, is_whole=True)
    assert not piece.lines
    assert 0 < piece.end < piece.size
    while piece.end < piece.size and not piece.lines:
        piece = log_lines.after(path, piece.end, 1, wanted, is_whole=True)
    assert [line.text for line in piece.lines] == ["Needle"]
