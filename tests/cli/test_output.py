"""Rows as people and scripts get them."""

import json
from typing import Any

import pytest
import yaml

from flowctl.cli import output

ROWS = [
    {"name": "a", "many": ["x", "y"], "fact": True, "nothing": None},
    {"name": "日本", "many": [], "fact": False, "nothing": "no"},
]


def printed(
    capsys: pytest.CaptureFixture[str], kind: str, rows: list[dict[str, Any]] | None = None
) -> str:
    """Return what is printed for these rows."""
    output.show(ROWS if rows is None else rows, kind)
    return capsys.readouterr().out


def test_a_table_has_airflow_s_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "table").splitlines() == [
        "name | many | fact  | nothing",
        "=====+======+=======+========",
        "a    | x,y  | True  | None   ",
        "日本 |      | False | no     ",
    ]


def test_plain_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "plain").splitlines() == [
        "name  many        fact   nothing",
        "a     ['x', 'y']  True   None",
        "日本  []          False  no",
    ]


def test_json_holds_texts_lists_and_nulls(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(printed(capsys, "json"))[0] == {
        "name": "a",
        "many": ["x", "y"],
        "fact": "True",
        "nothing": None,
    }


def test_yaml_says_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    hard = [{"yes": "no", "n": "12", "empty": "", "list": ["a: b", "- c"], "map": {"k": "v"}}]

    assert yaml.safe_load(printed(capsys, "yaml", hard)) == json.loads(
        printed(capsys, "json", hard)
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [("table", "No data found"), ("plain", "No data found"), ("json", "[]"), ("yaml", "[]")],
)
def test_no_rows_are_said_so(capsys: pytest.CaptureFixture[str], kind: str, said: str) -> None:
    assert printed(capsys, kind, []).strip() == said


def test_a_cell_of_several_lines_keeps_its_column(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "table", [{"file": "a", "error": "x\nyy"}]).splitlines()[2:] == [
        "a    | x    ",
        "     | yy   ",
    ]


def test_hostile_texts_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b" not in printed(capsys, "table", [{"a": "\x1b[2J"}])


def in_terminal(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    columns: int,
    rows: list[dict[str, Any]],
) -> list[str]:
    """Return the lines of a table in a terminal of this width."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    return printed(capsys, "table", rows).splitlines()


LONG = [{"id": "a", "text": "some words that are long", "path": "/a/very/long/folder/file.py"}]


def test_a_wide_table_fits_into_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_terminal(monkeypatch, capsys, 36, LONG) == [
        "id | text          | path          ",
        "===+===============+===============",
        "a  | some words    | /a/very/long/ ",
        "   | that are long | folder/file.py",
    ]


def test_a_table_that_fits_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = printed(capsys, "table", LONG).splitlines()

    assert len(wide) == 3  # no terminal: a row is a line
    assert in_terminal(monkeypatch, capsys, len(wide[0]), LONG) == wide


def test_too_many_columns_stand_below_each_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_terminal(monkeypatch, capsys, 24, LONG) == [
        "id   | a",
        "text | some words that are long",
        "path | /a/very/long/folder/file.py",
        "",
    ]


def test_wide_characters_are_broken_by_their_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"a": "日本" * 4}]

    assert in_terminal(monkeypatch, capsys, 11, rows)[2:] == ["日本日本日", "本日本    "]
