"""Groups of commands that are imported only when one of them is called.

A group is a table: name, where the command is, and the line that `--help` shows. Listing commands
imports none of them.
"""

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from flowctl.errors import FlowctlError

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


EXIT_INTERRUPTED = 130  # as a shell says it for SIGINT


class Entry(NamedTuple):
    """One command of a group."""

    where: str  # module:attribute
    help: str


class Failure(click.ClickException):
    """What went wrong, shown as one sentence without a traceback; the exit code is 1."""

    def show(self, file: Any = None) -> None:
        """Write the sentence to stderr."""
        click.echo(f"flowctl: {self.message}", file=file, err=True)


class LazyGroup(click.Group):
    """A group over a table of entries."""

    def __init__(self, *args: Any, entries: Mapping[str, Entry], **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", SETTINGS)
        super().__init__(*args, **kwargs)
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's contract
        """Return the names of all commands, in the order of the table."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.where.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        command.context_settings = {**SETTINGS, **command.context_settings}
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands from the table alone."""
        if not self._entries:
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self._entries.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a person can act on becomes a sentence."""
        try:
            return super().invoke(ctx)
        except FlowctlError as error:
            raise Failure(str(error)) from error
        except KeyboardInterrupt:  # who pressed Ctrl-C knows
            click.echo(err=True)
            raise SystemExit(EXIT_INTERRUPTED) from None
