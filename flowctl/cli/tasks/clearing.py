"""`flowctl tasks clear`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import click
from sqlalchemy import Connection

from flowctl import clock
from flowctl.cli import finding, options
from flowctl.cli.metastore import actor, reading, writing
from flowctl.store import clears
from flowctl.store.clears import Clear, Cleared
from flowctl.store.queries import runs

SHOWN_MAX = 200  # a longer list is not read


@click.command
@click.argument("dag_id")
@click.option("-R", "--dag-regex", is_flag=True, help="DAG_ID is a regular expression.")
@click.option("-t", "--task-regex", help="Only tasks in whose id this is found.")
@click.option("--run-id", "run_ids", multiple=True, help="Only this run; may be given again.")
@click.option("-s", "--start-date", type=options.MOMENT, help="Logical dates from this one.")
@click.option("-e", "--end-date", type=options.MOMENT, help="Logical dates to this one.")
@click.option("-u", "--upstream", is_flag=True, help="With all tasks before them.")
@click.option("-d", "--downstream", is_flag=True, help="With all tasks after them.")
@click.option("--map-index", type=int, help="Only instances of this index of mapped tasks.")
@click.option("-f", "--only-failed", is_flag=True, help="Only failed ones.")
@click.option("-r", "--only-running", is_flag=True, help="Only those that run.")
@click.option("--past", is_flag=True, help="With the runs before the one of --run-id.")
@click.option("--future", is_flag=True, help="With the runs after the one of --run-id.")
@click.option("-x", "--exclude-subdags", is_flag=True, help="Without the DAGs that markers name.")
@click.option("--dry-run", is_flag=True, help="Only list what would be cleared.")
@options.yes
@options.not_here("-X", "--exclude-parentdag", is_flag=True, because="flowctl has no sub-DAGs")
@options.subdir_refused
def clear(
    dag_id: str,
    dag_regex: bool,
    task_regex: str | None,
    run_ids: tuple[str, ...],
    start_date: datetime | None,
    end_date: datetime | None,
    upstream: bool,
    downstream: bool,
    map_index: int | None,
    only_failed: bool,
    only_running: bool,
    past: bool,
    future: bool,
    exclude_subdags: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Let tasks run again, as if they had not; their runs go on with the DAG as it is now.

    Tasks that are running are ended first. Setup tasks and teardowns come along with the tasks
    between them, and the tasks of other DAGs that an ExternalTaskMarker names.
    """
    with reading() as conn:
        dag_ids = (
            clears.matching_dags(conn, dag_id) if dag_regex else (finding.dag(conn, dag_id).dag_id,)
        )
        wanted = Clear(
            dag_ids=dag_ids,
            task_pattern=task_regex,
            run_ids=run_ids,
            since=start_date,
            until=end_date,
            upstream=upstream,
            downstream=downstream,
            map_index=map_index,
            only_failed=only_failed,
            only_running=only_running,
            is_recursive=not exclude_subdags,
        )
        _warn(conn, wanted, dag_id)
        if past or future:
            wanted = _beside(conn, wanted, past, future)
        found = clears.concerned(conn, wanted)
    if not found:
        click.echo("There is nothing to clear.")
        return
    if not yes or dry_run:
        _list(found)
    if dry_run:
        return
    if not yes:
        click.confirm(f"Clear these {len(found)} tasks?", abort=True)
    with writing() as conn:
        cleared = clears.clear(conn, wanted, actor(), clock.utcnow())
    click.echo(f"{len(cleared)} tasks are cleared.")


def _beside(conn: Connection, wanted: Clear, past: bool, future: bool) -> Clear:
    """Return the same for the runs before or after the one run that is named, too."""
    if len(wanted.dag_ids) != 1 or len(wanted.run_ids) != 1:
        raise click.UsageError("--past and --future go from one run of one DAG: give its --run-id")
    run = runs.one(conn, wanted.dag_ids[0], wanted.run_ids[0])
    if run is None:  # which has been said
        return wanted
    date = run.logical_date
    return replace(wanted, run_ids=(), since=None if past else date, until=None if future else date)


def _warn(conn: Connection, wanted: Clear, named: str) -> None:
    """Name the run and the task that there are not: who mistypes one learns why nothing happens."""
    known = runs.known_ids(conn, wanted.dag_ids, wanted.run_ids)
    for run_id in wanted.run_ids:
        if run_id not in known:
            click.echo(f"warning: DAG {named!r} has no run {run_id!r}", err=True)
    if wanted.task_pattern is not None and not clears.has_task(conn, wanted):
        click.echo(f"warning: no task of DAG {named!r} matches {wanted.task_pattern!r}", err=True)


def _list(found: Sequence[Cleared]) -> None:
    for one in found[:SHOWN_MAX]:
        click.echo(f"{one.dag_id} {one.run_id} {one.name} [{one.state}]")
    if len(found) > SHOWN_MAX:
        click.echo(f"... and {len(found) - SHOWN_MAX} more")
