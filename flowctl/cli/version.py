"""`flowctl version`."""

import click

from flowctl.version import VERSION


@click.command
def version() -> None:
    """Say which flowctl this is."""
    click.echo(VERSION)
