"""Modules are nouns that say what they hold."""

import re
from pathlib import Path

import pytest

from flowctl.store.migrations import versions
from tests.architecture.source import modules

MIGRATIONS = sorted(Path(str(versions.__file__)).parent.glob("v*.py"))

# Names under which anything could hide.
EMPTY_NAME = re.compile(r"^(utils?|helpers?|common|misc|managers?|.*_utils?|.*_manager|base_.*)$")


def is_empty(name: str) -> bool:
    """Say whether a word of the dotted `name` says nothing about what the module holds."""
    return any(EMPTY_NAME.match(word) for word in name.split("."))


def test_no_module_has_an_empty_name() -> None:
    """Somebody who looks for a thing can guess its module."""
    assert [subject.name for subject in modules() if is_empty(subject.name)] == []


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "base_sensor", "pool_manager"])
def test_empty_names_are_recognised(name: str) -> None:
    """The pattern catches the usual ones."""
    assert is_empty(f"flowctl.store.{name}")
    assert not is_empty("flowctl.store.snapshot")


def test_migrations_are_numbered_one_after_the_other() -> None:
    """Two that were written side by side do not share a number, or what they follow."""
    found = [
        re.findall(r'^(?:down_)?revision.* = (?:"(\d+)"|None)$', path.read_text(), re.MULTILINE)
        for path in MIGRATIONS
    ]
    numbers = [f"{number:04}" for number in range(1, len(MIGRATIONS) + 1)]

    assert [path.name[1:5] for path in MIGRATIONS] == numbers
    assert found == [list(pair) for pair in zip(numbers, ["", *numbers], strict=False)]
