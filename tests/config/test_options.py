"""The table of options, held against what Airflow 2.10.5 says about itself (`data/*.json`)."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import flowctl
from flowctl.config import example_text
from flowctl.config.options import OLD_NAMES, OPTIONS, ROWS, SECTIONS
from flowctl.config.row import Option
from flowctl.config.sources import GENERATED

ROOT = Path(__file__).parents[2]
AIRFLOW = json.loads((Path(__file__).parent / "data/airflow-2.10.5.json").read_text())
READERS = {"text", "whole", "number", "flag", "path", "words", "get"}

OURS = {("webserver", "web_server_host"): "127.0.0.1"}
"""Defaults that differ from Airflow's on purpose; the row says why."""


@pytest.mark.parametrize(
    "theirs", AIRFLOW["options"], ids=lambda row: f"{row['section']}.{row['key']}"
)
def test_each_option_of_airflow_is_here_with_its_default(theirs: dict[str, Any]) -> None:
    name = (theirs["section"], theirs["key"])
    ours = OPTIONS[name]

    assert ours.sensitive == theirs["sensitive"]
    if name in OURS:
        assert ours.kind.default == OURS[name] != theirs["default"]
    elif ours.kind.parse is str or ours.kind.default in (None, ""):
        assert ours.kind.default == theirs["default"]
    else:
        assert ours.kind.parse(ours.kind.default) == ours.kind.parse(theirs["default"])


def test_each_older_name_of_airflow_leads_to_the_same_option() -> None:
    for now, old in AIRFLOW["older_names"]:
        assert OLD_NAMES[tuple(old)] is OPTIONS[tuple(now)]


def test_no_older_name_is_also_a_present_one() -> None:
    assert not OLD_NAMES.keys() & OPTIONS.keys()
    assert len(OPTIONS) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_is_complete(row: Option) -> None:
    assert row.section in SECTIONS
    assert row.doc or row.no_effect
    if row.kind.default is not None and row.kind.default not in GENERATED:
        row.kind.parse(row.kind.default)


def test_the_example_in_the_repository_is_current() -> None:
    """Made anew with: python -c 'from flowctl.config import *; print(example_text(), end="")'."""
    assert (ROOT / "airflow.cfg.example").read_text() == example_text()


def test_whatever_flowctl_reads_is_an_option_that_counts() -> None:
    """An option that the code reads must not be one of those said to have no effect."""
    asked = [
        (path, call)
        for path in Path(flowctl.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (call := option_read(node))
    ]

    assert [each for each in asked if not OPTIONS[each[1]].honoured] == []


def test_each_option_that_counts_is_read_somewhere() -> None:
    """One that nothing reads belongs among those without effect, with the reason."""
    package = Path(flowctl.__path__[0])
    others = (path for path in package.rglob("*.py") if path.parent.name != "table")
    code = "".join(path.read_text() for path in others)
    counted = [(row.section, row.key) for row in ROWS if row.honoured]

    assert [each for each in counted if not re.search(r'"{}",\s*"{}"'.format(*each), code)] == []


def option_read(node: ast.AST) -> tuple[str, str] | None:
    """Return the option of a call like `conf.text("core", "executor")`."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr=reader, value=ast.Name(id="conf" | "config")),
            args=[ast.Constant(value=str(section)), ast.Constant(value=str(key)), *_],
        ) if reader in READERS:
            return section, key
    return None
