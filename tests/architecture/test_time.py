"""One module reads the wall clock, nobody sleeps, and nobody prints past the terminal layer."""

import ast

import pytest

from tests.architecture.source import Module, module, modules

CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "pendulum.now",
    "pendulum.today",
}
FORBIDDEN = CLOCK | {"time.sleep", "print"}
ALLOWED = {"flowctl.clock": CLOCK}


def forbidden_names(subject: Module) -> list[str]:
    """Return where `subject` uses a name that it may not use, as sentences."""
    forbidden = FORBIDDEN - ALLOWED.get(subject.name, set())
    return [
        f"{subject.name}:{line}: {name}"
        for line, name in [*_called(subject.tree), *_imported(subject)]
        if name in forbidden
    ]


def _called(tree: ast.AST) -> list[tuple[int, str]]:
    """Return the last two words of each called or passed name: `datetime.datetime.now` -> both."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            words = ast.unparse(node).split(".")[-2:]
            found.append((node.lineno, ".".join(words)))
        elif isinstance(node, ast.Name) and node.id == "print":
            found.append((node.lineno, "print"))
    return found


def _imported(subject: Module) -> list[tuple[int, str]]:
    return [(found.line, found.target) for found in subject.imports()]


def test_only_the_clock_reads_the_clock() -> None:
    """Everything else takes `now`, waits on an event with a bound, or writes to a log."""
    found = [line for subject in modules() for line in forbidden_names(subject)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("import datetime\nx = datetime.datetime.now()", False),
        ("from datetime import datetime\nx = datetime.now(UTC)", False),
        ("import time\ntime.sleep(1)", False),
        ("from time import sleep\nsleep(1)", False),
        ("import time\nread = time.time", False),
        ("print('done')", False),
        ("import time\nx = time.monotonic()", True),
        ("from flowctl import clock\nx = clock.utcnow()", True),
        ("'call time.time() never'", True),
    ],
)
def test_the_rule_itself(text: str, is_right: bool) -> None:
    """Each way to break the rule is seen, also the indirect ones."""
    assert (forbidden_names(module("flowctl.core.tick", text)) == []) is is_right


def test_the_clock_may() -> None:
    """The rule ends where it must."""
    assert forbidden_names(module("flowctl.clock", "x = datetime.now(UTC)")) == []
