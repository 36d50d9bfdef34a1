"""Groups of commands that are imported only when one of them is called.

A group is a table: name, where the command is, and the line that `--help` shows. Listing commands
imports none of them.
"""

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from flowctl import garbage
from flowctl.errors import FlowctlError

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


EXIT_INTERRUPTED = 130  # as a shell says it for SIGINT


class Entry(NamedTuple):
    """One command of a group."""

    where: str  # module:attribute
    help: str


VERBOSE = "flowctl.verbose"  # in the context of every command: -v was given


class Failure(click.ClickException):
    """What went wrong, shown as one sentence without a traceback; the exit code is 1."""

    def show(self, file: Any = None) -> None:
        """Write the sentence to stderr."""
        click.echo(f"flowctl: {self.message}", file=file, err=True)


def _in_detail(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and VERBOSE not in context.meta:
        context.meta[VERBOSE] = True
        _verbose().begin()


def _verbose() -> Any:
    """Return a module that only a command with -v pays for."""
    return importlib.import_module("flowctl.cli.verbose")


def _with_verbose(command: click.Command) -> click.Command:
    """Give a command, or all commands of a group, the option -v; Airflow's have it."""
    if isinstance(command, LazyGroup):
        return command  # it does this itself
    if isinstance(command, click.Group):
        for one in command.commands.values():
            _with_verbose(one)
    elif not any(parameter.name == "verbose" for parameter in command.params):
        command.params.append(
            click.Option(
                ["-v", "--verbose"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_in_detail,
                help="Say on stderr what is asked of the database, and where an error comes from.",
            )
        )
    return command


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
        return _with_verbose(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands from the table alone."""
        if not self._entries:
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self._entries.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a person can act on becomes a sentence."""
        garbage.look_seldom()
        try:
            return super().invoke(ctx)
        except FlowctlError as error:
            if VERBOSE in ctx.meta:
                _verbose().tell(error)
            raise Failure(str(error)) from error
        except KeyboardInterrupt:  # who pressed Ctrl-C knows
            click.echo(err=True)
            raise SystemExit(EXIT_INTERRUPTED) from None
