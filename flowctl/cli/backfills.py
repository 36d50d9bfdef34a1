"""`flowctl backfill create|list|show|pause|unpause|cancel`: Airflow 3's backfills."""

from datetime import datetime
from typing import Any

import click
from sqlalchemy import Row

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli import output as outputs
from flowctl.cli.dags.backfill import progress
from flowctl.cli.lazy import SETTINGS
from flowctl.cli.metastore import actor, reading, writing
from flowctl.cli.options import MOMENT
from flowctl.cli.own_dates import foreseen
from flowctl.cli.secrets import keys
from flowctl.core.backfill import BackfillError
from flowctl.store import backfills
from flowctl.store.backfills import Wanted
from flowctl.store.queries import backfills as queries
from flowctl.store.triggers import parse_conf

MAX_ACTIVE_RUNS = 10
NUMBER = click.argument("number", type=int)


@click.group(context_settings=SETTINGS)
def backfill() -> None:
    """Run a DAG for the dates of its schedule in a span of time."""


@backfill.command
@click.option("--dag-id", required=True, help="Of which DAG.")
@click.option("--from-date", type=MOMENT, required=True, help="The first logical date.")
@click.option("--to-date", type=MOMENT, required=True, help="The last one.")
@click.option("--dag-run-conf", help="What the runs are told, as a JSON object.")
@click.option("--run-backwards", is_flag=True, help="Run the latest date first.")
@click.option(
    "--max-active-runs",
    type=click.IntRange(1),
    default=MAX_ACTIVE_RUNS,
    show_default=True,
    help="How many of its runs are under way at once.",
)
@click.option(
    "--reprocess-behavior",
    type=click.Choice(["none", "failed", "completed"]),
    default="none",
    show_default=True,
    help="Which runs that are there run again: none, those that failed, all that have ended.",
)
@click.option(
    "--run-on-latest-version/--no-run-on-latest-version",
    default=True,
    help="Let them take the newest version of the DAG.",
)
@click.option("--dry-run", is_flag=True, help="Print the dates, and make nothing.")
def create(
    dag_id: str,
    from_date: datetime,
    to_date: datetime,
    dag_run_conf: str | None,
    run_backwards: bool,
    max_active_runs: int,
    reprocess_behavior: str,
    run_on_latest_version: bool,
    dry_run: bool,
) -> None:
    """Make a backfill, which the scheduler carries out; print its number."""
    wanted = Wanted(
        dag_id,
        from_date,
        to_date,
        existing=reprocess_behavior,
        conf=parse_conf(dag_run_conf) if dag_run_conf else None,
        max_active_runs=max_active_runs,
        run_backwards=run_backwards,
        keeps_version=not run_on_latest_version,
    )
    wanted = foreseen(wanted)
    if dry_run:
        with reading() as conn:
            for due in backfills.planned(conn, wanted, clock.utcnow()):
                click.echo(due.logical_date.isoformat())
        return
    with writing() as conn:
        pk = backfills.create(conn, wanted, actor(), clock.utcnow(), keys())
    if pk is None:
        raise BackfillError(f"DAG {dag_id!r} has no run dates from {from_date} to {to_date}")
    click.echo(f"backfill {pk} of DAG {dag_id}")


@backfill.command("list")
@click.option("--dag-id", help="Only of this DAG.")
@outputs.option
def list_(dag_id: str | None, output: str) -> None:
    """List the backfills, the newest first."""
    with reading() as conn:
        rows = queries.found(conn, dag_id)
    outputs.show([_row(row) for row in rows], output)


def _row(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "dag_id": row.dag_id,
        "from_date": finding.iso(row.from_date),
        "to_date": finding.iso(row.to_date),
        "state": row.outcome or ("paused" if row.is_paused else "running"),
        "runs": row.dates,
        "made": row.made,
        "max_active_runs": row.max_active_runs,
        "created_at": finding.iso(row.created_at),
        "completed_at": finding.iso(row.completed_at),
    }


@backfill.command
@NUMBER
@outputs.option
def show(number: int, output: str) -> None:
    """Show how a backfill gets on, and each of its dates."""
    with reading() as conn:
        row, found = queries.one(conn, number), queries.dates_of(conn, number)
    if output in ("table", "plain"):
        click.echo(f"DAG {row.dag_id}, {progress(row, found)}")
    rows = [
        {
            "logical_date": finding.iso(one.logical_date),
            "run_id": one.run_id,
            "state": one.state,
            "reason": one.reason,
        }
        for one in found
    ]
    outputs.show(rows, output)


@backfill.command
@NUMBER
def pause(number: int) -> None:
    """Make no further runs of a backfill for now; those under way go on."""
    _pause(number, paused=True)


@backfill.command
@NUMBER
def unpause(number: int) -> None:
    """Let a paused backfill go on."""
    _pause(number, paused=False)


def _pause(number: int, *, paused: bool) -> None:
    with writing() as conn:
        changed = backfills.pause(conn, number, actor(), clock.utcnow(), paused=paused)
    state = "is paused" if paused else "goes on"
    click.echo(f"backfill {number} {state}" + ("" if changed else " as before"))


@backfill.command
@NUMBER
def cancel(number: int) -> None:
    """End a backfill: no further runs are made, those under way go on to their end."""
    with writing() as conn:
        backfills.cancel(conn, number, actor(), clock.utcnow())
    click.echo(f"backfill {number} is cancelled")
