"""What values an option may have: a parser from text, and the words that describe it.

Knows nothing of sections, files or environments. Parsers raise ValueError; the reader adds which
option it was and where the text came from.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from flowctl.core import sizes

TRUE = frozenset({"t", "true", "1"})
FALSE = frozenset({"f", "false", "0"})


class Kind(NamedTuple):
    """One kind of value, with the default of one option in its written form."""

    default: str | None
    allowed: str
    parse: Callable[[str], Any]


def parse_flag(text: str) -> bool:
    """Read a truth value as Airflow does: any case, and what follows a `#` does not count."""
    word = text.split("#", 1)[0].strip().lower()
    if word not in TRUE and word not in FALSE:
        raise ValueError(text)
    return word in TRUE


def parse_words(text: str) -> list[str]:
    """Split at commas; blanks around a word and empty words do not count."""
    return [word for part in text.split(",") if (word := part.strip())]


def parse_json_object(text: str) -> dict[str, Any]:
    """Read a JSON object; empty text is the empty object."""
    value = json.loads(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise ValueError(text)
    return value


def text(default: str | None = "") -> Kind:
    """Any text."""
    return Kind(default, "any text", str)


def size(default: str) -> Kind:
    """An amount of memory."""
    return Kind(default, sizes.FORMS, sizes.parse)


def share_or_size(default: str) -> Kind:
    """An amount of memory, an int; or a part of all there is, a float up to 1."""

    def parse(value: str) -> int | float:
        if not value.strip().endswith("%"):
            return sizes.parse(value)
        share = float(value.strip()[:-1]) / 100
        if not 0 < share <= 1:
            raise ValueError(value)
        return share

    return Kind(default, f"{sizes.FORMS}, or a percentage such as 80%", parse)


def path(default: str) -> Kind:
    """A file or folder. Relative ones count from the home folder."""
    return Kind(default, "a path", str)


def flag(default: bool) -> Kind:
    """True or False."""
    return Kind(str(default), "True or False", parse_flag)


def whole(default: int | None, low: int | None = 0, high: int | None = None) -> Kind:
    """A whole number; with None as default, empty text means that there is none."""
    return bounded("a whole number", int, default, low, high)


def number(default: float, low: float | None = 0) -> Kind:
    """A number that may have a fraction."""
    return bounded("a number", float, default, low, None)


def seconds(default: int, low: int = 0) -> Kind:
    """Whole seconds."""
    return bounded("whole seconds", int, default, low, None)


def port(default: int) -> Kind:
    """A TCP port; 0 lets the system choose."""
    return bounded("a port", int, default, 0, 65535)


def words(default: str = "") -> Kind:
    """Words with commas between them."""
    return Kind(default, "words with commas between them", parse_words)


def ways_in(default: str, *known: str) -> Kind:
    """How requests may say who sends them: words of a few, each the end of a Python name."""

    def parse(value: str) -> list[str]:
        found = parse_words(value)
        if not {word.rpartition(".")[2] for word in found} <= set(known):
            raise ValueError(value)
        return found

    return Kind(default, f"some of {', '.join(known)}, with commas between them", parse)


def json_object(default: str | None = "") -> Kind:
    """A JSON object."""
    return Kind(default, 'a JSON object such as {"key": 1}', parse_json_object)


def choice(default: str, *others: str, any_case: bool = False) -> Kind:
    """One of a few words, the default first; `any_case` takes them in any case."""
    known = {word.lower() if any_case else word: word for word in (default, *others)}

    def parse(value: str) -> str:
        return known[value.lower() if any_case else value]

    return Kind(default, "one of " + ", ".join(known.values()), parse)


def bounded(
    name: str,
    convert: Callable[[str], Any],
    default: float | None,
    low: float | None,
    high: float | None,
) -> Kind:
    """A number between `low` and `high`, both included; None leaves a side open."""

    def parse(value: str) -> Any:
        if default is None and not value.strip():
            return None
        parsed = convert(value)
        at_least = low is None or parsed >= low
        at_most = high is None or parsed <= high
        if not (at_least and at_most):  # nan, too, is neither
            raise ValueError(value)
        return parsed

    limits = [f"at least {low}"] if low is not None else []
    limits += [f"at most {high}"] if high is not None else []
    or_empty = " or nothing" if default is None else ""
    written = "" if default is None else str(default)
    return Kind(written, ", ".join([name, *limits]) + or_empty, parse)
