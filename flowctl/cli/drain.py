"""`flowctl drain`."""

import threading

import click

from flowctl import clock
from flowctl.cli.metastore import actor, reading, writing
from flowctl.store import drains

LOOK_EVERY_S = 0.5


@click.command
@click.option("--off", is_flag=True, help="Start things again.")
@click.option("--wait", is_flag=True, help="Come back when no task runs any more.")
def drain(off: bool, wait: bool) -> None:
    """Finish what runs and start nothing new, as before an upgrade.

    It outlives restarts. Runs that come due meanwhile are made, and start once it is over.
    """
    if off and wait:
        raise click.UsageError("give either --off or --wait")
    with writing() as conn:
        if off:
            changed = drains.end(conn, actor(), clock.utcnow())
            click.echo("Tasks start again." if changed else "flowctl did not drain.")
            return
        drains.begin(conn, actor(), clock.utcnow())
        running = drains.left(conn)
    while running:
        click.echo(f"Nothing new starts; {running} still running.")
        if not wait:
            return
        running = _next_count(running)
    click.echo("Nothing new starts, and no task runs.")


def _next_count(before: int) -> int:
    """Wait until another number of tasks runs; return it."""
    pause = threading.Event()
    while True:
        pause.wait(LOOK_EVERY_S)
        with reading() as conn:
            now = drains.left(conn)
        if now != before:
            return now
