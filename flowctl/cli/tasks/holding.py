"""`flowctl tasks hold` and `flowctl tasks release`."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import click

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import actor, writing
from flowctl.cli.options import hold_terms
from flowctl.store import holds
from flowctl.store.queries import tasks as queries

DAG = click.argument("dag_id")
TASK = click.argument("task_id")
RUN = click.argument("run_id", required=False)
INDEX = click.option("--map-index", type=int, help="Only the instance of this index.")


@click.command
@DAG
@TASK
@RUN
@INDEX
@hold_terms
def hold(
    dag_id: str,
    task_id: str,
    run_id: str | None,
    map_index: int | None,
    why: str,
    until: datetime | None,
) -> None:
    """Let a task not start until it is released; what runs goes on.

    RUN_ID may be a run's id or its logical date; without it the latest run is meant.
    """
    deed = partial(holds.hold_tasks, terms=holds.Terms(why, until))
    _turn(dag_id, task_id, run_id, map_index, deed, "is held")


@click.command
@DAG
@TASK
@RUN
@INDEX
def release(dag_id: str, task_id: str, run_id: str | None, map_index: int | None) -> None:
    """Let a task that is held start again."""
    _turn(dag_id, task_id, run_id, map_index, holds.release_tasks, "may start")


def _turn(
    dag_id: str,
    task_id: str,
    run_id: str | None,
    map_index: int | None,
    deed: Callable[..., int],
    state: str,
) -> None:
    with writing() as conn:
        run = finding.run(conn, dag_id, run_id)
        if not queries.instances(conn, run.id, task_id, map_index):
            raise Failure(f"run {run.run_id!r} of DAG {dag_id!r} has no such task {task_id!r}")
        who = holds.Who(actor(), clock.utcnow())
        found = deed(conn, run, [task_id], who, map_index=map_index)
    click.echo(f"{dag_id} {run.run_id} {task_id} {state}" + ("" if found else " as before"))
