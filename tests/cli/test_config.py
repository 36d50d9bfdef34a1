"""`flowctl config` and `info`: what they say of the executor."""

import json

import pytest

from flowctl import config
from flowctl.cli.settings import STANDALONE_TAKES
from flowctl.scheduler.standalone import Standalone
from tests.cli.conftest import Call

NOTE = "[core] executor is not set: flowctl standalone takes LocalExecutor"


@pytest.mark.parametrize("words", [("list",), ("list", "--section", "core")])
def test_what_standalone_takes_is_said_beside_the_default(
    call: Call, words: tuple[str, ...]
) -> None:
    result = call("config", *words)

    assert "executor = SequentialExecutor" in result.stdout
    assert result.stderr == f"note: {NOTE}\n"


def test_scripts_get_the_value_alone(call: Call) -> None:
    result = call("config", "get-value", "core", "executor")

    assert (result.stdout, result.stderr) == ("SequentialExecutor\n", f"note: {NOTE}\n")
    assert call("config", "list", "--section", "logging").stderr == ""


def test_info_says_it_too(call: Call) -> None:
    parts = json.loads(call("info", "-o", "json").stdout)

    assert parts[0]["flowctl"]["executor"] == f"SequentialExecutor ({NOTE})"


def test_an_executor_that_was_chosen_needs_no_note(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "SequentialExecutor")
    config.forget()

    assert call("config", "list").stderr == ""
    assert '"executor": "SequentialExecutor"' in call("info", "-o", "json").stdout


def test_standalone_takes_what_is_said(call: Call) -> None:
    assert call is not None
    told = Standalone(config.load(), port=1, say=print)._environment()

    assert told["FLOWCTL__CORE__EXECUTOR"] == STANDALONE_TAKES
