"""`flowctl standalone`."""

import click

from flowctl.cli.settings import settings
from flowctl.scheduler.standalone import Standalone


@click.command
@click.option("-p", "--port", type=click.IntRange(1, 65535), help="The port of the web server.")
def standalone(port: int | None) -> None:
    """Run everything in this terminal: scheduler and web server. Ctrl-C ends them.

    The metastore is made on first use. Unless [core] executor is set, tasks run in parallel
    (LocalExecutor).
    """
    Standalone(settings(), port=port, say=lambda line: click.echo(line)).run()
