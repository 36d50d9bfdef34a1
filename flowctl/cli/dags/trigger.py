"""`flowctl dags trigger`."""

from datetime import datetime

import click

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli import output as outputs
from flowctl.cli.metastore import actor, writing
from flowctl.cli.options import MOMENT, subdir_refused
from flowctl.cli.secrets import keys
from flowctl.cli.settings import settings
from flowctl.executors import outlook
from flowctl.store import confs, triggers
from flowctl.store.queries import dags, runs


@click.command
@click.argument("dag_id")
@click.option("-c", "--conf", help="What the run is told, as a JSON object.")
@click.option("-e", "--exec-date", type=MOMENT, help="Its logical date; now if not given.")
@click.option("-r", "--run-id", help="Its id; manual__<logical date> if not given.")
@click.option(
    "--no-replace-microseconds",
    is_flag=True,
    help="Keep the microseconds of the logical date, which are set to 0 otherwise.",
)
@outputs.option
@subdir_refused
def trigger(
    dag_id: str,
    conf: str | None,
    exec_date: datetime | None,
    run_id: str | None,
    no_replace_microseconds: bool,
    output: str,
) -> None:
    """Start a run of a DAG. A paused DAG takes it, and runs it once it is unpaused.

    Without a scheduler the run is recorded and waits for one, which is said on stderr.
    """
    wanted = triggers.Trigger(
        dag_id=dag_id,
        run_id=run_id,
        logical_date=exec_date,
        conf=triggers.parse_conf(conf),
        keep_microseconds=no_replace_microseconds,
    )
    pattern = settings().text("scheduler", "allowed_run_id_pattern")
    with writing() as conn:
        finding.dag(conn, dag_id)
        pk = triggers.trigger(
            conn,
            wanted,
            actor(),
            clock.utcnow(),
            cipher=keys(),
            id_pattern=pattern,
        )
        row = next(run for run in runs.found(conn, runs.RunFilter(dag_id)) if run.id == pk)
        found = dags.one(conn, dag_id)
        alarm = outlook.alarm(conn, clock.utcnow())
    if alarm:
        click.echo(f"warning: the run waits for a scheduler. {alarm}", err=True)
    if found is not None and found.is_paused:
        click.echo(f"{dag_id} is paused; it runs after: flowctl dags unpause {dag_id}", err=True)
    shown = {
        "conf": confs.shown(row.conf),
        "dag_id": row.dag_id,
        "dag_run_id": row.run_id,
        "data_interval_start": row.data_interval_start,
        "data_interval_end": row.data_interval_end,
        "end_date": row.end_date,
        "external_trigger": row.external_trigger,
        "last_scheduling_decision": None,
        "logical_date": row.logical_date,
        "run_type": row.run_type,
        "start_date": row.start_date,
        "state": row.state,
    }
    outputs.show([shown], output)
