"""`flowctl why`."""

from datetime import datetime

import click
from sqlalchemy import Connection, Row

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import reading
from flowctl.cli.options import map_index
from flowctl.cli.settings import settings
from flowctl.core import explain
from flowctl.core.states import CONTINUED, TaskState
from flowctl.executors import outlook
from flowctl.store.queries import runs, tasks, watchers


@click.command
@click.argument("dag_id")
@click.argument("task_id")
@click.argument("run_id", required=False)
@map_index
def why(dag_id: str, task_id: str, run_id: str | None, map_index: int) -> None:
    """Say why a task has not started, or how it ended: the first true cause.

    RUN_ID may be a run's id or its logical date; without it the latest run is meant.
    """
    with reading() as conn:
        spec = finding.spec(conn, dag_id)
        if task_id not in {task.task_id for task in spec.tasks} and run_id is None:
            known = [task.task_id for task in spec.tasks]
            near = finding.nearest(task_id, known)
            raise Failure(f"DAG {dag_id!r} has no task {task_id!r}{near}")
        click.echo(_answer(conn, dag_id, task_id, run_id, map_index))
        alarm = outlook.alarm(conn, clock.utcnow())
    if alarm:
        click.echo(alarm)


def _answer(conn: Connection, dag_id: str, task_id: str, run_id: str | None, index: int) -> str:
    now = clock.utcnow()
    if run_id is None and runs.latest(conn, dag_id) is None:
        world = outlook.world(conn, settings(), [])
        found = outlook.watchers(conn, settings(), watchers.of_dag(conn, dag_id), now)
        return "\n".join([explain.of_dag(world, dag_id, now), *found])
    run = finding.run(conn, dag_id, run_id)
    row = finding.task(conn, run, task_id, index)
    world = outlook.world(conn, settings(), [run.id])
    task = world.by_id.get(row.id)
    if task is None:
        return f"{run.run_id}: the task is no longer in the DAG"
    expected = outlook.expected(conn, world, task, now)
    said = f"{explain.of_task(world, task, now, row.reason)}{_more(conn, row)}"
    return f"{run.run_id}: {said}" + (f"; {expected.said}" if expected else "")


def _more(conn: Connection, row: Row) -> str:  # type: ignore[type-arg]
    """Return what the metastore knows beyond the world: process, times, the reason of an end."""
    if row.state == TaskState.DEFERRED:
        found = outlook.trigger(conn, settings(), row.id, clock.utcnow())
        until = f"; at the latest until {_at(row.retry_at)}" if row.retry_at else ""
        return f": {found}{until}" if found else until
    if row.pid is None:  # no process: the scheduler decided, and its reason has been said
        return ""
    if row.end_date is None:
        return f", since {_at(row.start_date)} as process {row.pid} on {row.host}"
    tried = tasks.tries(conn, row.id)
    folder = settings().path("logging", "base_log_folder")
    log = f"; log: {folder / tried[-1].log_path}" if tried and tried[-1].log_path else ""
    reason = f" ({row.reason})" if row.reason else ""
    if row.state in (TaskState.NONE, TaskState.SCHEDULED, TaskState.QUEUED):
        return f"{reason}; it last ran until {_at(row.end_date)}{log}"
    at = "the last one was at" if row.state in CONTINUED else "at"
    return f"{reason}, {at} {_at(row.end_date)}{log}"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"
