"""`flowctl dags backfill`: Airflow 2's command. The scheduler does the work; this waits for it."""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Connection, Row

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import actor, reading, writing
from flowctl.cli.options import MOMENT, subdir_refused, yes
from flowctl.cli.own_dates import foreseen
from flowctl.cli.secrets import keys
from flowctl.core.backfill import Shape, chosen
from flowctl.core.spec import DagSpec
from flowctl.core.states import RunState
from flowctl.executors import outlook
from flowctl.store import backfills, clears
from flowctl.store.backfills import Wanted
from flowctl.store.queries import backfills as queries
from flowctl.store.queries import tasks
from flowctl.store.triggers import parse_conf

LOOK_EVERY_S = 1.0

NO_EFFECT = {
    "local": "--local: the executor of the scheduler runs the tasks",
    "donot_pickle": "--donot-pickle: flowctl never pickles",
    "delay_on_limit": "--delay-on-limit: the next run starts as soon as another has ended",
    "ignore_first": "--ignore-first-depends-on-past: this is so for the first date anyway",
}
"""What is said, once, of an option that changes nothing here."""


@click.command
@click.argument("dag_id")
@click.option("-s", "--start-date", type=MOMENT, help="The first logical date.")
@click.option("-e", "--end-date", type=MOMENT, help="The last one; the first if not given.")
@click.option("-c", "--conf", help="What the runs are told, as a JSON object.")
@click.option("-t", "--task-regex", help="Only tasks whose id matches, and those before them.")
@click.option(
    "-i", "--ignore-dependencies", is_flag=True, help="Without the tasks before; each starts."
)
@click.option("-m", "--mark-success", is_flag=True, help="Let tasks succeed without running them.")
@click.option("-n", "--dry-run", is_flag=True, help="Print what would be run, and run nothing.")
@click.option("-B", "--run-backwards", is_flag=True, help="Run the latest date first.")
@click.option("--reset-dagruns", is_flag=True, help="Run all tasks of runs that are there again.")
@click.option("--rerun-failed-tasks", is_flag=True, help="Run the tasks that failed in them again.")
@click.option(
    "--continue-on-failures", is_flag=True, help="Go on with further runs after one failed."
)
@click.option("--disable-retry", is_flag=True, help="Let tasks fail at their first try.")
@click.option("--pool", help="Run all tasks in this pool.")
@click.option(
    "--treat-dag-id-as-regex",
    "--treat-dag-as-regex",
    "as_regex",
    is_flag=True,
    help="DAG_ID is a regular expression.",
)
@click.option("-l", "--local", is_flag=True, hidden=True)
@click.option("-x", "--donot-pickle", is_flag=True, hidden=True)
@click.option("--delay-on-limit", type=float, hidden=True)
@click.option("-I", "--ignore-first-depends-on-past", "ignore_first", is_flag=True, hidden=True)
@yes
@subdir_refused
def backfill(
    dag_id: str,
    start_date: datetime | None,
    end_date: datetime | None,
    as_regex: bool,
    dry_run: bool,
    **options: Any,
) -> None:
    """Run a DAG for the dates of its schedule that lie in a span of time.

    The scheduler runs them, also while the DAG is paused; this command waits for the end. After
    Ctrl-C the backfill goes on: flowctl backfill pause|cancel NUMBER. Without
    --continue-on-failures no further runs are made once one has failed.
    """
    since, until = start_date or end_date, end_date or start_date
    if since is None or until is None:
        raise click.UsageError("give --start-date, --end-date, or both")
    for name, sentence in NO_EFFECT.items():
        if options.pop(name):
            click.echo(f"{sentence}; it has no effect", err=True)
    with reading() as conn:
        dag_ids = clears.matching_dags(conn, dag_id) if as_regex else (dag_id,)
        wanted = [_wanted(conn, one, since, until, options) for one in dag_ids]
    if not wanted:
        raise Failure(f"no DAG matches {dag_id!r}")
    wanted = [foreseen(one) for one in wanted]
    if dry_run:
        for one in wanted:
            _show(one)
    elif _is_sure(wanted, options):
        _carry_out(wanted)


def _wanted(
    conn: Connection, dag_id: str, since: datetime, until: datetime, options: dict[str, Any]
) -> Wanted:
    spec = finding.spec(conn, dag_id)
    existing = "rerun_failed" if options["rerun_failed_tasks"] else "resume"
    return Wanted(
        dag_id,
        since,
        until,
        existing="reset" if options["reset_dagruns"] else existing,
        conf=parse_conf(options["conf"]),
        shape=Shape(
            task_ids=_tasks(spec, options["task_regex"], options["ignore_dependencies"]),
            ignores_dependencies=options["ignore_dependencies"],
            marks_success=options["mark_success"],
            disables_retry=options["disable_retry"],
            pool=options["pool"],
        ),
        max_active_runs=spec.max_active_runs,
        run_backwards=options["run_backwards"],
        stops_on_failure=not options["continue_on_failures"],
    )


def _tasks(spec: DagSpec, pattern: str | None, alone: bool) -> tuple[str, ...] | None:
    if pattern is None:
        return None
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise Failure(f"{pattern!r} is not a regular expression: {error}") from error
    found = {task.task_id for task in spec.tasks if wanted.search(task.task_id)}
    if not found:
        raise Failure(f"no task of DAG {spec.dag_id!r} matches {pattern!r}")
    return chosen(spec, found, with_upstream=not alone)


def _is_sure(wanted: Sequence[Wanted], options: dict[str, Any]) -> bool:
    if not options["reset_dagruns"] or options["yes"]:
        return True
    names = ", ".join(one.dag_id for one in wanted)
    return click.confirm(f"Run all tasks of the runs of {names} again that are there?", err=True)


def _show(wanted: Wanted) -> None:
    """Print the runs and tasks; nothing of the user's code is run."""
    with reading() as conn:
        spec = finding.spec(conn, wanted.dag_id)
        found = backfills.planned(conn, wanted, clock.utcnow())
    names = wanted.shape.task_ids or tuple(task.task_id for task in spec.tasks)
    click.echo(f"Dry run of DAG {wanted.dag_id}: {len(found)} runs")
    for due in found:
        click.echo(f"{due.logical_date.isoformat()}: {', '.join(names)}")


def _carry_out(wanted: Sequence[Wanted]) -> None:
    for one in wanted:
        with writing() as conn:
            pk = backfills.create(conn, one, actor(), clock.utcnow(), keys())
        if pk is None:
            click.echo(f"DAG {one.dag_id} has no run dates from {one.since} to {one.until}")
            continue
        click.echo(f"backfill {pk} of DAG {one.dag_id}")
        follow(pk)


# ---------------------------------------------------------------------------- waiting


def follow(pk: int) -> None:
    """Show how a backfill gets on until it ends.

    Raises:
        Failure: runs of it failed, or it was cancelled.
    """
    shown, pause = "", threading.Event()
    while True:
        with reading() as conn:
            row, found = queries.one(conn, pk), queries.dates_of(conn, pk)
            alarm = outlook.alarm(conn, clock.utcnow())
        line = f"{progress(row, found)}{f'; {alarm}' if alarm else ''}"
        if line != shown:
            click.echo(line)
            shown = line
        if row.completed_at is not None:
            break
        try:
            pause.wait(LOOK_EVERY_S)
        except KeyboardInterrupt:
            click.echo(
                f"\nbackfill {pk} goes on without this command; end it with:"
                f" flowctl backfill cancel {pk}",
                err=True,
            )
            raise
    _tell_end(row, found)


def progress(row: Row[Any], found: Sequence[Row[Any]]) -> str:
    """Return one line about a backfill."""
    states = Counter(one.state for one in found if one.state is not None)
    left_out = sum(one.made_at is not None and one.dag_run_id is None for one in found)
    waiting = sum(one.made_at is None for one in found)
    parts = [f"{states[state]} {state.value}" for state in RunState if states[state]]
    parts += [f"{left_out} left out"] * bool(left_out) + [f"{waiting} to come"] * bool(waiting)
    kept = " (paused)" if row.is_paused and row.completed_at is None else ""
    return f"{len(found)} runs{kept}: {', '.join(parts)}"


def _tell_end(row: Row[Any], found: Sequence[Row[Any]]) -> None:
    if row.outcome == "success":
        return
    if row.outcome == "cancelled":
        raise Failure(f"backfill {row.id} was cancelled")
    with reading() as conn:
        failed = [
            f"{one.run_id}: {', '.join(_failed_tasks(conn, one.dag_run_id))}"
            for one in found
            if one.state == RunState.FAILED.value
        ]
    raise Failure("\n".join([f"backfill {row.id} failed:", *failed]))


def _failed_tasks(conn: Connection, run_pk: int) -> list[str]:
    bad = ("failed", "upstream_failed")
    return [f"{ti.task_id} {ti.state}" for ti in tasks.of_run(conn, run_pk) if ti.state in bad]
