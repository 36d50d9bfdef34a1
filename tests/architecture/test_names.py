"""Modules are nouns that say what they hold."""

import re

import pytest

from tests.architecture.source import modules

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
