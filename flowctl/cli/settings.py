"""The configuration, as commands use it: read once, its warnings shown once."""

from functools import cache

import click

from flowctl import config
from flowctl.config import Config


def settings() -> Config:
    """Return the configuration of this process.

    Raises:
        ConfigError: it cannot be used.
    """
    conf = config.load()
    _warn(tuple(conf.warnings))
    return conf


@cache
def _warn(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
