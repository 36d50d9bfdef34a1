"""`flowctl dags test`."""

from datetime import datetime
from pathlib import Path

import click

from flowctl.cli import files_of_dags
from flowctl.cli.lazy import Failure
from flowctl.cli.options import MOMENT, not_here
from flowctl.core.states import RunState
from flowctl.runner import local
from flowctl.store.triggers import parse_conf

NO_PICTURE = "flowctl draws no pictures; flowctl dags show prints the graph for `dot`"


@click.command
@click.argument("dag_id")
@click.argument("execution_date", type=MOMENT, required=False)
@click.option("-c", "--conf", help="What the run is told, as a JSON object.")
@click.option(
    "--mark-success-pattern", help="Tasks whose id matches are taken as done, without running."
)
@files_of_dags.subdir
@not_here("--use-executor", is_flag=True, because="a test runs in this process, for breakpoints")
@not_here("--show-dagrun", is_flag=True, because=NO_PICTURE)
@not_here("--imgcat-dagrun", is_flag=True, because=NO_PICTURE)
@not_here("--save-dagrun", because=NO_PICTURE)
def test(
    dag_id: str,
    execution_date: datetime | None,
    conf: str | None,
    mark_success_pattern: str | None,
    subdir: Path | None,
) -> None:
    """Run all tasks of a DAG in this terminal, one after the other; nothing is recorded.

    No daemon is needed. Breakpoints work. The exit code is 0 only if the run succeeded.
    """
    run = local.run_dag(
        files_of_dags.load(dag_id, subdir),
        execution_date,
        conf=parse_conf(conf),
        mark_success_pattern=mark_success_pattern,
        behind=files_of_dags.answers(),
    )
    if run.state != RunState.SUCCESS:
        failed = [task_id for task_id, state in run.states.items() if state == "failed"]
        raise Failure(f"the run failed: {', '.join(failed) or 'no task ran'}")
