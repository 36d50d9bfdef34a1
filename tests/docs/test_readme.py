"""The README says nothing that is not so: commands parse, targets and files exist."""

import re
import shlex
from importlib import import_module
from pathlib import Path

import click
import pytest

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text()
MAKEFILE = (PROJECT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)


EXAMPLES = "\n".join(path.read_text() for path in sorted((PROJECT / "dags").glob("*.py")))


def code(text: str = README) -> list[str]:
    """Return every line of the code blocks, and every inline code."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", rest)


def commands(program: str, text: str = README) -> list[list[str]]:
    """Return the words after `program` of each command in `text`, each command once."""
    lines = dict.fromkeys(line for line in code(text) if line.startswith(f"{program} "))
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.parametrize("words", commands("make"), ids=" ".join)
def test_each_make_target_exists(words: list[str]) -> None:
    """Words without `=` are targets."""
    assert {word for word in words if "=" not in word} <= set(TARGETS)


@pytest.mark.parametrize("words", commands("flowctl") + commands("flowctl", EXAMPLES), ids=" ".join)
def test_each_flowctl_command_parses(words: list[str]) -> None:
    """Names, options and the number of arguments are right; the command is not executed."""
    command: click.Command = import_module("flowctl.cli.main").main
    context = click.Context(command, info_name="flowctl", **command.context_settings)
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, f"flowctl has no command {name}"
        command = found
    command.make_context(command.name, words, parent=context)  # click keeps what that says of -h


def test_there_is_something_to_check() -> None:
    """The README shows how to start, and how to use what was started."""
    assert ["run"] in commands("make")
    assert len(commands("flowctl")) >= 5


@pytest.mark.parametrize("path", sorted({c for c in code() if re.match(r"[\w.]+/[\w./]*$", c)}))
def test_each_file_exists(path: str) -> None:
    """What the README sends a reader to is there."""
    assert (PROJECT / path).exists() or (PROJECT / "flowctl" / path).exists()


def test_each_example_is_listed() -> None:
    """A reader of the README learns of every file in `dags/`."""
    assert [path.stem for path in (PROJECT / "dags").glob("*.py") if path.stem not in README] == []


def test_make_help_explains_each_target() -> None:
    """Only the two steps that others stand on are without a line of their own."""
    explained = re.findall(r"^([a-z]+):.*?## \S", MAKEFILE, re.MULTILINE)

    assert set(TARGETS) - set(explained) == {"env", "dev"}
