"""How wide is a text in a terminal?"""

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def widths_of(lines: Sequence[Sequence[str]]) -> list[int]:
    """Return the width of each column of a table; a cell may have several lines."""
    return [
        max(width(part) for cell in column for part in cell.split("\n"))
        for column in zip(*lines, strict=True)
    ]
