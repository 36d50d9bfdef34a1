"""Rows as people and scripts get them."""

import json

import pytest
import yaml

from flowctl.cli import output

ROWS = [
    {"name": "a", "many": ["x", "y"], "fact": True, "nothing": None},
    {"name": "日本", "many": [], "fact": False, "nothing": "no"},
]


def printed(capsys: pytest.CaptureFixture[str], kind: str, rows: list[dict] | None = None) -> str:
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
