"""Each fault that is known has tests that show it, and these are there."""

import ast
from pathlib import Path

import pytest

from tests.faults import evidence

FAULTS = [f"R{number}" for number in range(1, 21)] + [f"F{number}" for number in range(1, 25)]


def test_each_known_fault_has_its_line() -> None:
    assert list(evidence.ROWS) == FAULTS


@pytest.mark.parametrize("fault", FAULTS)
def test_what_shows_it_is_there(fault: str) -> None:
    says, tests = evidence.ROWS[fault]

    assert says
    assert tests
    for test in tests:
        file, _, function = test.partition("::")
        tree = ast.parse(Path(file).read_text())
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert not function or function in names, test


def test_a_test_counts_under_the_fault_that_it_shows() -> None:
    assert evidence.row_of("tests/faults/test_kills.py", "test_without_faults") is None
    assert evidence.row_of("tests/web/test_fuzz.py", "test_anything") == "R17"
    assert evidence.row_of(*evidence.ROWS["R14"][1][0].split("::")) == "R14"
