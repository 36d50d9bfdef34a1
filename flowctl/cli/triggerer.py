"""`flowctl triggerer`."""

import click

from flowctl.cli import daemon as daemons
from flowctl.cli.metastore import current_engine
from flowctl.cli.options import not_here
from flowctl.cli.settings import settings
from flowctl.triggerer.service import Service


@click.command
@click.option(
    "--capacity",
    type=click.IntRange(1),
    help="How many triggers run at once; else [triggerer] default_capacity says it.",
)
@not_here("-s", "--skip-serve-logs", is_flag=True, because="the triggerer serves no logs anyway")
@daemons.options
def triggerer(capacity: int | None, daemon: bool, files: daemons.Files) -> None:
    """Run the triggerer: it holds tasks that wait without a process of their own.

    Several may run on one metastore. When one ends, another takes over what it held.
    """
    current_engine().dispose()
    if daemon:
        daemons.start("triggerer", files)
        return
    daemons.begin("triggerer", files)
    service = Service(settings(), capacity=capacity)
    daemons.ready()
    service.run()
