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


STANDALONE_TAKES = "LocalExecutor"


def executor_note(conf: Config) -> str | None:
    """Say what `flowctl standalone` takes where nobody chose an executor, or None."""
    if conf.is_set("core", "executor"):
        return None
    return f"[core] executor is not set: flowctl standalone takes {STANDALONE_TAKES}"
