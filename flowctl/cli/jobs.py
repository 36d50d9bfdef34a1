"""`flowctl jobs`."""

import socket
from datetime import timedelta

import click

from flowctl import clock
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import reading
from flowctl.cli.settings import settings
from flowctl.store.queries import processes

KINDS = {"SchedulerJob": "scheduler", "TriggererJob": "triggerer"}
ABSENT = ("DagProcessorJob", "LocalTaskJob", "BackfillJob")


@click.group(context_settings=SETTINGS)
def jobs() -> None:
    """The daemons, as the metastore knows them."""


@jobs.command
@click.option("--job-type", type=click.Choice([*KINDS, *ABSENT]), help="Only of this kind.")
@click.option("--hostname", help="Only on this machine.")
@click.option("--local", is_flag=True, help="Only on the machine of this command.")
@click.option("--allow-multiple", is_flag=True, help="Several are fine; needs --limit above 1.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="How many of the latest to look at; 0 is all.",
)
def check(
    job_type: str | None, hostname: str | None, local: bool, allow_multiple: bool, limit: int
) -> None:
    """Say whether a daemon is alive; the exit code is 0 or 1."""
    if hostname and local:
        raise click.UsageError("give either --hostname or --local")
    if allow_multiple and limit == 1:
        raise click.UsageError("--allow-multiple needs --limit above 1, or 0")
    if job_type in ABSENT:
        raise Failure(f"flowctl has no {job_type}; its parts are {', '.join(KINDS)}")
    host = socket.gethostname() if local else hostname
    alive = _alive(KINDS.get(job_type or ""), host, limit)
    if not alive:
        raise Failure("no daemon is alive; start one with: flowctl scheduler")
    if alive > 1 and not allow_multiple:
        raise Failure(f"{alive} daemons are alive, where one was expected (--allow-multiple)")
    click.echo("A daemon is alive." if alive == 1 else f"{alive} daemons are alive.")


def _alive(kind: str | None, host: str | None, limit: int) -> int:
    threshold = timedelta(
        seconds=settings().number("scheduler", "scheduler_health_check_threshold")
    )
    with reading() as conn:
        rows = processes.listed(conn, kind)
    rows = [row for row in rows if row.kind in KINDS.values() and host in (None, row.host)]
    rows = rows[: limit or None]
    now = clock.utcnow()
    return sum(now - row.seen_at < threshold for row in rows)
