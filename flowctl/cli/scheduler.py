"""`flowctl scheduler`."""

import click

from flowctl.cli import daemon as daemons
from flowctl.cli.metastore import current_engine
from flowctl.cli.options import not_here
from flowctl.cli.settings import settings
from flowctl.scheduler.service import Service


@click.command
@click.option(
    "-n",
    "--num-runs",
    type=int,
    default=-1,
    show_default=True,
    help="End after this many looks at what is to be done; -1 means never.",
)
@not_here("-S", "--subdir", because="set [core] dags_folder, which all parts must agree on")
@not_here("-p", "--do-pickle", is_flag=True, because="flowctl never pickles")
@not_here("-s", "--skip-serve-logs", is_flag=True, because="the scheduler serves no logs anyway")
@daemons.options
def scheduler(num_runs: int, daemon: bool, files: daemons.Files) -> None:
    """Run the scheduler: it reads DAG files, makes runs, and has tasks started.

    Several may run on one metastore: one leads, the others stand by. Tasks that run are not
    disturbed when it ends.
    """
    current_engine().dispose()
    if daemon:
        daemons.start("scheduler", files)
        return
    daemons.begin("scheduler", files)
    service = Service(settings(), ticks_max=num_runs if num_runs > 0 else None)
    daemons.ready()
    service.run()
