"""`flowctl runs`."""

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import click
from sqlalchemy import Engine, Row

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import actor, current_engine, writing
from flowctl.cli.options import hold_terms
from flowctl.cli.standing import Standing
from flowctl.core.states import FINISHED, RunState
from flowctl.store import holds
from flowctl.store.engine import reading as reading_from
from flowctl.store.queries import runs as runs_queries
from flowctl.store.queries import tasks

LOOK_EVERY_S = 0.2
BAR = 30  # characters
COLOURS = {
    "success": "green",
    "failed": "red",
    "upstream_failed": "yellow",
    "skipped": "magenta",
    "running": "cyan",
}


@click.group(context_settings=SETTINGS)
def runs() -> None:
    """Runs of DAGs."""


@runs.command
@click.argument("dag_id")
@click.argument("run_id", required=False)
@click.option(
    "--timeout", type=click.FloatRange(min=0), help="Give up after this many seconds (exit code 1)."
)
def watch(dag_id: str, run_id: str | None, timeout: float | None) -> None:
    """Follow a run until it ends; the exit code is 0 only if it succeeded.

    RUN_ID may be a run's id or its logical date; without it the latest run is meant. Each task that
    moves is a line; in a terminal the last line shows how far the run is. When nothing moves for
    2 seconds, it says why.
    """
    engine = current_engine()
    with reading_from(engine) as conn:
        found = finding.run(conn, dag_id, run_id)
    click.echo(f"{dag_id} {found.run_id}")
    state = _follow(engine, found, timeout)
    if state != RunState.SUCCESS:
        raise Failure(f"run {found.run_id!r} of DAG {dag_id!r}: {state}")


@runs.command
@click.argument("dag_id")
@click.argument("run_id", required=False)
@hold_terms
def hold(dag_id: str, run_id: str | None, why: str, until: datetime | None) -> None:
    """Let no further task of a run start until it is released; what runs goes on."""
    _turn(dag_id, run_id, partial(holds.hold_run, terms=holds.Terms(why, until)), "is held")


@runs.command
@click.argument("dag_id")
@click.argument("run_id", required=False)
def release(dag_id: str, run_id: str | None) -> None:
    """Let the tasks of a run that is held start again."""
    _turn(dag_id, run_id, holds.release_run, "may go on")


def _turn(dag_id: str, run_id: str | None, deed: Callable[..., bool], state: str) -> None:
    with writing() as conn:
        run = finding.run(conn, dag_id, run_id)
        changed = deed(conn, run, holds.Who(actor(), clock.utcnow()))
    click.echo(f"{dag_id} {run.run_id} {state}" + ("" if changed else " as before"))


def _follow(engine: Engine, run: Row[Any], timeout_s: float | None) -> str:
    """Print what moves; return the state in which the run ended.

    Raises:
        Failure: the time is over, or somebody deleted the run.
    """
    seen: dict[int, tuple[str, int]] = {}
    waited_s, pause, has_bar = 0.0, threading.Event(), sys.stdout.isatty()
    standing = Standing(engine, run.id)
    while True:
        with reading_from(engine) as conn:
            now = runs_queries.one(conn, run.dag_id, run.run_id)
            rows = tasks.of_run(conn, run.id)
        if now is None:
            raise Failure(f"run {run.run_id!r} was deleted")
        lines = list(_moved(rows, seen))
        lines += standing.lines(has_moved=bool(lines), passed_s=LOOK_EVERY_S)
        _print(lines, _bar(rows) if has_bar else "")
        if now.state not in (RunState.QUEUED, RunState.RUNNING):
            seconds = _seconds(now)
            click.echo(("\r\x1b[K" if has_bar else "") + f"{_coloured(now.state)}{seconds}")
            return str(now.state)
        if timeout_s is not None and waited_s >= timeout_s:
            raise Failure(f"run {run.run_id!r} has not ended after {timeout_s:g} s: {now.state}")
        pause.wait(LOOK_EVERY_S)
        waited_s += LOOK_EVERY_S


def _moved(rows: Any, seen: dict[int, tuple[str, int]]) -> Iterator[str]:
    for row in rows:
        known = (row.state, row.try_number)
        if seen.get(row.id) == known or (row.state == "none" and row.id not in seen):
            seen[row.id] = known
            continue
        seen[row.id] = known
        number = row.try_number - row.resumed
        tried = f" (try {number})" if number > 1 else ""
        reason = f": {row.reason}" if row.reason else ""
        at = row.end_date or row.start_date or clock.utcnow()
        yield f"{at:%H:%M:%S} {_coloured(row.state)} {row.task_id}{tried}{reason}"


def _print(lines: list[str], bar: str) -> None:
    start = "\r\x1b[K" if bar else ""
    for line in lines:
        click.echo(start + line)
    if bar:
        click.echo(start + bar, nl=False)


def _bar(rows: Any) -> str:
    done = sum(row.state in FINISHED for row in rows)
    total = len(rows) or 1
    filled = BAR * done // total
    running = [row.task_id for row in rows if row.state == "running"]
    names = f" running: {', '.join(running[:3])}{' ...' if len(running) > 3 else ''}"
    return f"[{'#' * filled}{'.' * (BAR - filled)}] {done}/{len(rows)}{names if running else ''}"


def _coloured(state: str) -> str:
    return click.style(f"{state:<15}", fg=COLOURS.get(state))


def _seconds(row: Row[Any]) -> str:
    if row.start_date is None or row.end_date is None:
        return ""
    return f" in {(row.end_date - row.start_date).total_seconds():.1f} s"
