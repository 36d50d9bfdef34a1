"""`flowctl tasks test|render`."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace
from sqlalchemy import Row

from flowctl import clock
from flowctl.authoring.ports import InMemoryPorts
from flowctl.cli import files_of_dags
from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import engine
from flowctl.cli.options import map_index, moment, not_here
from flowctl.cli.settings import settings
from flowctl.core.attempt import RunFacts
from flowctl.core.states import TaskState
from flowctl.runner import local, rendering, schedule
from flowctl.scheduler.orders import run_facts
from flowctl.store import confs, run_reader
from flowctl.store.engine import reading
from flowctl.store.metastore import cipher
from flowctl.store.queries import runs
from flowctl.store.triggers import parse_conf
from flowctl.store.versions import Versions

GOOD = (TaskState.SUCCESS, TaskState.SKIPPED)


@click.command
@click.argument("dag_id")
@click.argument("task_id")
@click.argument("run", metavar="[EXECUTION_DATE_OR_RUN_ID]", required=False)
@click.option("-n", "--dry-run", is_flag=True, help="Only render its templates.")
@click.option("--env-vars", help="Variables of the environment to set first, as a JSON object.")
@click.option("-t", "--task-params", help="Params for the task, as a JSON object.")
@files_of_dags.subdir
@map_index
@not_here(
    "-m", "--post-mortem", is_flag=True, because="use python -m pdb -m flowctl tasks test ..."
)
def test(
    dag_id: str,
    task_id: str,
    run: str | None,
    dry_run: bool,
    env_vars: str | None,
    task_params: str | None,
    subdir: Path | None,
    map_index: int,
) -> None:
    """Run one try of a task in this terminal, whatever it depends on; nothing is recorded.

    Without a date or run id the task runs as if triggered now.
    """
    os.environ.update({name: str(value) for name, value in _object(env_vars).items()})
    dag = files_of_dags.load(dag_id, subdir)
    facts = _facts(dag, run)
    if task_params:
        dag.get_task(task_id).params.update(_object(task_params))
    if dry_run:
        _print(rendering.render(dag, task_id, facts, _ports(), map_index))
        return
    outcome = local.run_task(
        dag, task_id, run=facts, behind=files_of_dags.answers(), map_index=map_index
    )
    if outcome.state == TaskState.UP_FOR_RESCHEDULE:
        click.echo(f"task {task_id!r} waits; it would look again at {outcome.retry_at}", err=True)
    elif outcome.state not in GOOD:
        raise Failure(f"task {task_id!r} failed: {outcome.reason}")


def _object(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise click.UsageError(f"{text!r} is not JSON: {error}") from error
    return parse_conf(json.dumps(found))


def _facts(dag: Any, run_id_or_date: str | None) -> RunFacts:
    """Return the facts of the run that is meant, or of one that might be started then."""
    date = clock.utcnow() if run_id_or_date is None else moment(run_id_or_date)
    if run_id_or_date is not None and files_of_dags.has_metastore():
        found = _recorded(dag.dag_id, run_id_or_date, date)
        if found is not None:
            return found
    if date is None:
        raise Failure(f"DAG {dag.dag_id!r} has no run {run_id_or_date!r}, and it is not a date")
    return schedule.facts_at(dag, date)


def _recorded(dag_id: str, run_id: str, date: datetime | None) -> RunFacts | None:
    with reading(engine()) as conn:
        row: Row[Any] | None = runs.one(conn, dag_id, run_id)
        if row is None and date is not None:
            row = runs.at(conn, dag_id, date)
        if row is None:
            return None
        found = run_facts(run_reader.read_runs(conn, Versions(), [row.id])[0])
    return replace(found, conf=confs.opened(found.conf, cipher(settings())))


def _ports() -> Any:
    return files_of_dags.answers() or InMemoryPorts()


@click.command
@click.argument("dag_id")
@click.argument("task_id")
@click.argument("run", metavar="EXECUTION_DATE_OR_RUN_ID")
@files_of_dags.subdir
@map_index
def render(dag_id: str, task_id: str, run: str, subdir: Path | None, map_index: int) -> None:
    """Show what the templates of a task say in a run, or would say on a date."""
    dag = files_of_dags.load(dag_id, subdir)
    _print(rendering.render(dag, task_id, _facts(dag, run), _ports(), map_index))


def _print(fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        line = "-" * 58
        click.echo(f"# {line}\n# property: {name}\n# {line}\n{value}\n")
