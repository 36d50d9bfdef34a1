"""`flowctl dags state|list-runs|next-execution`."""

import json
from datetime import datetime

import click

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli import output as outputs
from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import reading
from flowctl.cli.options import MOMENT, subdir_refused
from flowctl.cli.settings import settings
from flowctl.core import explain
from flowctl.core.coming import next_due
from flowctl.core.dag import Dag, foreseen
from flowctl.core.graph import compile_graph
from flowctl.core.states import RunState, RunType
from flowctl.core.timetables import Due, Interval
from flowctl.parsing import now
from flowctl.parsing.messages import Asked
from flowctl.parsing.options import Options
from flowctl.store import assets, confs, snapshot
from flowctl.store.queries import runs
from flowctl.store.versions import Versions


@click.command
@click.argument("dag_id")
@click.argument("execution_date")
@subdir_refused
def state(dag_id: str, execution_date: str) -> None:
    """Print the state of the run with this logical date (or run id), and its conf if it has one."""
    with reading() as conn:
        finding.dag(conn, dag_id)
        try:
            row = finding.run(conn, dag_id, execution_date)
        except Failure:
            click.echo("None")
            return
    click.echo(f"{row.state}, {json.dumps(confs.shown(row.conf))}" if row.conf else row.state)


@click.command
@click.option("-d", "--dag-id", required=True, help="Of which DAG.")
@click.option("-s", "--start-date", type=MOMENT, help="Logical dates from this one.")
@click.option("-e", "--end-date", type=MOMENT, help="Logical dates to this one.")
@click.option("--state", type=click.Choice([s.value for s in RunState]), help="Only in this state.")
@click.option("--no-backfill", is_flag=True, help="Without runs of a backfill.")
@outputs.option
def list_runs(
    dag_id: str,
    start_date: datetime | None,
    end_date: datetime | None,
    state: str | None,
    no_backfill: bool,
    output: str,
) -> None:
    """List the runs of a DAG, the latest logical date first."""
    kinds = tuple(kind.value for kind in RunType if kind is not RunType.BACKFILL)
    wanted = runs.RunFilter(
        dag_id=dag_id,
        states=(state,) if state else (),
        run_types=kinds if no_backfill else (),
        since=start_date,
        until=end_date,
    )
    with reading() as conn:
        finding.dag(conn, dag_id)
        rows = runs.found(conn, wanted)
    found = [
        {
            "dag_id": row.dag_id,
            "run_id": row.run_id,
            "state": row.state,
            "execution_date": row.logical_date.isoformat(),
            "start_date": finding.iso(row.start_date),
            "end_date": finding.iso(row.end_date),
        }
        for row in rows
    ]
    outputs.show(found, output)


@click.command
@click.argument("dag_id")
@click.option(
    "-n", "--num-executions", type=click.IntRange(1), default=1, help="How many dates to print."
)
@subdir_refused
def next_execution(dag_id: str, num_executions: int) -> None:
    """Print the logical dates of the next scheduled runs; None where there is no further one."""
    with reading() as conn:
        row = finding.dag(conn, dag_id)
        spec = finding.spec(conn, dag_id)
        waits = explain.hint(spec.schedule.condition, assets.news(conn).get(dag_id, ()))
        known = next(iter(snapshot.read_dags(conn, Versions(), [dag_id])), None)
    if row.is_paused:
        click.echo(f"{dag_id} is paused: these runs come after it is unpaused", err=True)
    if waits:
        click.echo(f"{dag_id} waits for its assets: {waits}", err=True)
    dag = known or Dag(dag_id=dag_id, graph=compile_graph(spec), version="")
    last = dag.last_interval
    for _ in range(num_executions):
        due = _next_due(dag, last)
        if due is None:
            click.echo("None")
            return
        click.echo(due.logical_date.isoformat())
        last = (due.interval_start, due.interval_end)


def _next_due(dag: Dag, last: Interval | None) -> Due | None:
    """Return the run after `last`; a timetable of the user's is asked in a process of its own."""
    if dag.graph.spec.schedule.kind == "own" and last not in dag.foreseen:
        options = Options.from_config(settings())
        answers = now.ask_now(options, dag.graph.spec.file, Asked(dag.dag_id, last))
        dag.foreseen |= foreseen(last, answers.dues, answers.is_all)
    return next_due(dag, last, clock.utcnow())
