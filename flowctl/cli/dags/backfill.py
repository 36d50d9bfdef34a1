"""`flowctl dags backfill`."""

import click

from flowctl.cli.lazy import Failure


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def backfill(arguments: tuple[str, ...]) -> None:  # noqa: ARG001 - whatever Airflow takes
    """Not there yet: runs for dates that have passed, whatever the schedule.

    A DAG with catchup=True gets its past runs by itself; a single date is run with
    `flowctl dags trigger DAG_ID -e DATE`.
    """
    raise Failure(
        "flowctl has no backfill yet; for the past runs of a schedule set catchup=True in the DAG,"
        " for a single date: flowctl dags trigger DAG_ID -e DATE"
    )
