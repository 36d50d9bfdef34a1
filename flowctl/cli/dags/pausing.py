"""`flowctl dags pause|unpause|delete`."""

import threading

import click
from sqlalchemy import Connection

from flowctl import clock
from flowctl.cli import finding, options
from flowctl.cli import output as outputs
from flowctl.cli.metastore import actor, reading, writing
from flowctl.store import clears, dag_actions, events

LOOK_EVERY_S = 0.5
AS_REGEX = click.option(
    "--treat-dag-id-as-regex", "as_regex", is_flag=True, help="DAG_ID is a regular expression."
)


@click.command
@click.argument("dag_id")
@AS_REGEX
@click.option("--drain", is_flag=True, help="Let the runs that go on come to their end.")
@click.option("--wait", is_flag=True, help="With --drain: come back when none goes on any more.")
@options.yes
@outputs.option
@options.subdir_refused
def pause(dag_id: str, as_regex: bool, drain: bool, wait: bool, yes: bool, output: str) -> None:
    """Pause a DAG: it gets no new runs, and no task of it starts. Tasks that run go on.

    With --drain the runs that have started go on to their end, all their tasks with them.
    """
    if wait and not drain:
        raise click.UsageError("--wait goes with --drain: the runs of a paused DAG stand still")
    dag_ids = _set(dag_id, as_regex, yes, output, paused=True, drains=drain)
    if drain:
        _tell_of_runs(dag_ids, wait=wait)


def _tell_of_runs(dag_ids: list[str], *, wait: bool) -> None:
    """Say on stderr how many runs go on, each time that there are fewer; Ctrl-C ends only this."""
    before = None
    pause = threading.Event()
    while True:
        with reading() as conn:
            running = dag_actions.running(conn, dag_ids)
        if running != before:
            said = f"{running} runs go on to their end." if running else "No run goes on."
            click.echo(said, err=True)
        if not (running and wait):
            return
        before = running
        pause.wait(LOOK_EVERY_S)


@click.command
@click.argument("dag_id")
@AS_REGEX
@options.yes
@outputs.option
@options.subdir_refused
def unpause(dag_id: str, as_regex: bool, yes: bool, output: str) -> None:
    """Let a paused DAG go on."""
    _set(dag_id, as_regex, yes, output, paused=False)


def _set(
    dag_id: str, as_regex: bool, yes: bool, output: str, *, paused: bool, drains: bool = False
) -> list[str]:
    with reading() as conn:
        wanted = _wanted(conn, dag_id, as_regex)
    verb = "pause" if paused else "unpause"
    if as_regex and not yes and wanted:
        click.confirm(f"{verb} {', '.join(wanted)}?", abort=True, err=True)
    with writing() as conn:
        changed = dag_actions.pause(conn, wanted, paused=paused, drains=drains)
        for one in sorted(changed):
            detail = {"before": not paused, "after": paused} | ({"drain": True} if drains else {})
            events.record(
                conn, f"dag.{verb}", actor(), at=clock.utcnow(), dag_id=one, detail=detail
            )
    rows = [{"dag_id": one, "is_paused": paused} for one in sorted(changed)]
    if rows or output in ("json", "yaml"):
        outputs.show(rows, output)
    else:
        click.echo(f"Nothing to {verb}: {', '.join(wanted) or f'no DAG matches {dag_id!r}'}")
    return wanted


def _wanted(conn: Connection, dag_id: str, as_regex: bool) -> list[str]:
    if as_regex:
        return list(clears.matching_dags(conn, dag_id))
    return [str(finding.dag(conn, dag_id).dag_id)]


@click.command
@click.argument("dag_id")
@options.yes
def delete(dag_id: str, yes: bool) -> None:
    """Delete a DAG with its runs and their history. Its file stays, and so may bring it back."""
    with reading() as conn:
        finding.dag(conn, dag_id)
    if not yes:
        click.confirm(f"Delete all history of DAG {dag_id!r}?", abort=True)
    with writing() as conn:
        runs = dag_actions.remove(conn, dag_id)
        events.record(
            conn, "dag.delete", actor(), at=clock.utcnow(), dag_id=dag_id, detail={"runs": runs}
        )
    click.echo(f"DAG {dag_id} is deleted, with {runs} runs.")
