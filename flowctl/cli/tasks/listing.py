"""`flowctl tasks list|state|states-for-dag-run|show|failed-deps`."""

from collections.abc import Callable
from typing import Any

import click

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli import output as outputs
from flowctl.cli.metastore import reading
from flowctl.cli.options import map_index, subdir_refused
from flowctl.cli.settings import settings
from flowctl.core import explain, sizes
from flowctl.core.graph import Graph, compile_graph
from flowctl.executors import outlook
from flowctl.store.queries import tasks

RUN = click.argument("run", metavar="EXECUTION_DATE_OR_RUN_ID")


def one_task(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command name one instance of a task."""
    for part in (map_index, RUN, click.argument("task_id"), click.argument("dag_id")):
        command = part(command)
    return command


@click.command
@click.argument("dag_id")
@click.option("-t", "--tree", is_flag=True, help="Show each task below those it comes after.")
@subdir_refused
def list_(dag_id: str, tree: bool) -> None:
    """List the tasks of a DAG."""
    with reading() as conn:
        graph = compile_graph(finding.spec(conn, dag_id))
    if not tree:
        for task_id in sorted(graph.tasks):
            click.echo(task_id)
        return
    for task in graph.spec.tasks:
        if not task.upstream:
            _branch(graph, task.task_id, 0)


def _branch(graph: Graph, task_id: str, depth: int) -> None:
    click.echo(f"{'    ' * depth}<Task({graph.tasks[task_id].operator}): {task_id}>")
    for child in sorted(graph.downstream[task_id]):
        _branch(graph, child, depth + 1)


@click.command
@one_task
@subdir_refused
def state(dag_id: str, task_id: str, run: str, map_index: int) -> None:
    """Print the state of a task in a run; None when it has not been looked at yet."""
    with reading() as conn:
        row = finding.task(conn, finding.run(conn, dag_id, run), task_id, map_index)
    click.echo(str(_shown(row.state)))


def _shown(state: str) -> str | None:
    return None if state == "none" else state


@click.command
@click.argument("dag_id")
@RUN
@outputs.option
def states_for_dag_run(dag_id: str, run: str, output: str) -> None:
    """List the tasks of a run with their states."""
    with reading() as conn:
        found = finding.run(conn, dag_id, run)
        rows = tasks.of_run(conn, found.id)
    is_mapped = any(row.map_index >= 0 for row in rows)
    shown = [
        {
            "dag_id": dag_id,
            "execution_date": found.logical_date.isoformat(),
            "task_id": row.task_id,
            "state": _shown(row.state),
            "start_date": finding.iso(row.start_date),
            "end_date": finding.iso(row.end_date),
            **({"map_index": row.map_index if row.map_index >= 0 else ""} if is_mapped else {}),
        }
        for row in rows
    ]
    outputs.show(shown, output)


@click.command
@one_task
@outputs.option
def show(dag_id: str, task_id: str, run: str, map_index: int, output: str) -> None:
    """Show the tries of a task in a run: how each ended, how long it took, what it used.

    Memory is the most that the try held at once with all its processes.
    """
    with reading() as conn:
        row = finding.task(conn, finding.run(conn, dag_id, run), task_id, map_index)
        tries = tasks.tries(conn, row.id)
    outputs.show([_try(one) for one in tries], output, columns=TRY)


TRY = ("try", "state", "start_date", "seconds", "peak_memory", "cpu_seconds", "exit", "reason")


def _try(one: Any) -> outputs.Row:
    ran = one.end_date - one.start_date if one.start_date and one.end_date else None
    used = one.peak_rss_bytes
    shown = (
        one.try_number - one.resumed,
        one.state,
        finding.iso(one.start_date),
        "" if ran is None else round(ran.total_seconds(), 3),
        "" if used is None else sizes.shown(used),
        "" if one.cpu_s is None else round(one.cpu_s, 3),
        f"signal {one.signal}" if one.signal else "" if one.exit_code is None else one.exit_code,
        one.reason or "",
    )
    return dict(zip(TRY, shown, strict=True))


@click.command
@one_task
@subdir_refused
def failed_deps(dag_id: str, task_id: str, run: str, map_index: int) -> None:
    """Say what keeps a task from starting. `flowctl why` says it for all states."""
    with reading() as conn:
        found = finding.run(conn, dag_id, run)
        row = finding.task(conn, found, task_id, map_index)
        world = outlook.world(conn, settings(), [found.id])
    task = world.by_id.get(row.id)
    reason = (
        "it is no longer in the DAG"
        if task is None
        else explain.of_task(world, task, clock.utcnow(), row.reason)
    )
    if reason == explain.FREE:
        click.echo("Nothing keeps the task from starting.")
    else:
        click.echo(f"The task does not start: {reason}")
