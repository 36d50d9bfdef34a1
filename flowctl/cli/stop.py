"""`flowctl stop`."""

import click

from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import reading
from flowctl.config import reader
from flowctl.scheduler import ending
from flowctl.store import lease


@click.command
@click.option("--kill", is_flag=True, help="End the runner and the tasks that run, too.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="Seconds that daemons may take before they are killed.",
)
def stop(kill: bool, timeout: float) -> None:
    """Stop standalone, schedulers and web servers of this home, and wait until they are gone.

    Tasks that run go on under the runner, unless --kill is given.
    """
    home = reader.home()  # not the settings: what they say may be wrong, and it must end
    ended = ending.stop_daemons(home, timeout)
    for daemon in ended:
        click.echo(f"The {daemon.kind} (process {daemon.pid}) has ended.")
    runner = ending.running_tasks(home)
    if runner is not None and kill:
        ending.stop_runner(home, _last_term(), timeout)
        click.echo(f"The runner (process {runner}) and its tasks have ended.")
    elif runner is not None:
        click.echo(
            f"Tasks run on under the runner (process {runner}); to end them: flowctl stop --kill"
        )
    if not ended and runner is None:
        raise Failure(f"nothing of flowctl runs for {home}")


def _last_term() -> int:
    with reading() as conn:
        last = lease.holder(conn)
    return last[1] if last else 0
