"""All commands: help, usage errors, errors in one sentence."""

import click
import pytest

from flowctl.cli.lazy import LazyGroup
from flowctl.cli.main import main
from flowctl.version import VERSION
from tests.cli.conftest import Call


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the words of every command."""
    context = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        words = (*path, name)
        found += leaves(command, words) if isinstance(command, click.Group) else [words]
    return found


@pytest.mark.parametrize("words", leaves(main), ids=" ".join)
def test_every_command_explains_itself(call: Call, words: tuple[str, ...]) -> None:
    """Twice, so that nothing is added to a command each time it is looked up."""
    short, long = call(*words, "-h"), call(*words, "--help")

    assert short.exit_code == 0
    assert short.output == long.output
    assert len(short.output.split("\n\n")[1].strip()) > 10
    assert short.output.count("-v, --verbose") == 1


def test_the_tables_and_the_commands_agree_on_what_there_is() -> None:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if isinstance(command, LazyGroup):
            assert command.help


def test_an_unknown_command_is_a_usage_error(call: Call) -> None:
    assert call("nope").exit_code == 2
    assert call("dags", "list", "--nope").exit_code == 2


def test_without_a_metastore_the_command_to_run_is_named(call: Call) -> None:
    result = call("dags", "list")

    assert result.exit_code == 1
    assert result.stderr.startswith("flowctl: ")
    assert "flowctl db migrate" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_configuration_warnings_are_shown_once(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALELLISM", "3")
    result = call("config", "get-value", "core", "parallelism")

    assert result.stdout == "32\n"
    assert result.stderr.count("warning: AIRFLOW__CORE__PARALELLISM") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("dags", "list", "-S", "x"),
        ("dags", "test", "d", "--use-executor"),
        ("tasks", "test", "d", "t", "--post-mortem"),
        ("info", "--file-io"),
    ],
)
def test_an_option_of_airflow_s_that_is_not_here_is_refused(
    call: Call, words: tuple[str, ...]
) -> None:
    result = call(*words)

    assert result.exit_code == 2
    assert "does not exist here: " in result.stderr


def test_the_version_is_also_an_option(call: Call) -> None:
    result = call("--version")

    assert (result.exit_code, result.stdout) == (0, f"flowctl {VERSION}\n")


@pytest.mark.parametrize("words", [("stop",), ("stop", "--kill")], ids=" ".join)
def test_stopping_needs_no_metastore(call: Call, words: tuple[str, ...]) -> None:
    assert call(*words).stderr.startswith("flowctl: nothing of flowctl runs for ")
