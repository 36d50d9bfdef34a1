"""`flowctl db`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.mark.parametrize("words", [("db", "init"), ("db", "upgrade"), ("initdb",), ("upgradedb",)])
def test_the_metastore_is_made_and_made_twice(call: Call, words: tuple[str, ...]) -> None:
    assert call("db", "check").exit_code == 1
    assert call(*words).exit_code == 0
    assert call(*words).exit_code == 0
    assert call("db", "check").exit_code == 0
    assert call("db", "check-migrations", "-t", "0").exit_code == 0


def test_statements_are_shown_and_not_run(call: Call, flowctl_home: Path) -> None:
    result = call("db", "migrate", "--show-sql-only")

    assert "CREATE TABLE" in result.stdout
    assert not list(flowctl_home.glob("*.db"))


def test_a_reset_asks_first(call: Call) -> None:
    call("db", "init")
    call("pools", "set", "p", "1", "mine")

    assert call("db", "reset", stdin="n\n").exit_code == 1
    assert '"p"' in call("pools", "list", "-o", "json").stdout
    assert call("db", "reset", "-y").exit_code == 0
    assert '"p"' not in call("pools", "list", "-o", "json").stdout


def test_going_back_to_nothing_and_forth(call: Call) -> None:
    call("db", "init")

    assert call("db", "downgrade").exit_code == 2
    assert call("db", "downgrade", "-r", "base", "-y").exit_code == 0
    assert call("db", "check-migrations", "-t", "0").exit_code == 1
    assert call("db", "migrate").exit_code == 0
