"""`flowctl tasks run`."""

import codecs
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, Engine, Row

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli import output as outputs
from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import actor, current_engine, writing
from flowctl.cli.options import map_index, not_here, subdir_refused
from flowctl.cli.settings import settings
from flowctl.cli.standing import Standing
from flowctl.core.slots import Room
from flowctl.core.states import CONTINUED, FINISHED, TaskState
from flowctl.executors import outlook
from flowctl.store import clears
from flowctl.store.clears import Clear
from flowctl.store.engine import reading
from flowctl.store.queries import tasks

LOOK_EVERY_S = 0.2
GOOD = (TaskState.SUCCESS, TaskState.SKIPPED)
UNDER_WAY = (TaskState.QUEUED, TaskState.RUNNING)

WAITS = "a task starts when all that it waits for is met; to try it at once: flowctl tasks test"
NO_PICKLE = "flowctl never pickles"
REFUSED = (
    not_here("-A", "--ignore-all-dependencies", is_flag=True, because=WAITS),
    not_here("-i", "--ignore-dependencies", is_flag=True, because=WAITS),
    not_here("-I", "--ignore-depends-on-past", is_flag=True, because=WAITS),
    not_here("-d", "--depends-on-past", because=WAITS),
    not_here("-m", "--mark-success", is_flag=True, because="a state is what a try ended in"),
    not_here("-N", "--interactive", is_flag=True, because="use flowctl tasks test"),
    not_here("-l", "--local", is_flag=True, because="[core] executor says where tasks run"),
    not_here("--pool", because="the task itself says its pool"),
    not_here("-p", "--pickle", because=NO_PICKLE),
    not_here("--ship-dag", is_flag=True, because=NO_PICKLE),
    not_here("--read-from-db", is_flag=True, because="each run has its version of the DAG"),
    not_here("--cfg-path", because="set FLOWCTL_HOME, where airflow.cfg is"),
    subdir_refused,
)


def _refusing(command: Any) -> Any:
    for option in REFUSED:
        command = option(command)
    return command


@click.command
@click.argument("dag_id")
@click.argument("task_id")
@click.argument("run", metavar="EXECUTION_DATE_OR_RUN_ID")
@click.option("-f", "--force", is_flag=True, help="Also when it has ended: it is cleared first.")
@click.option(
    "--timeout", type=click.FloatRange(min=0), help="Give up after this many seconds (exit code 1)."
)
@map_index
@_refusing
def run(
    dag_id: str, task_id: str, run: str, force: bool, timeout: float | None, map_index: int
) -> None:
    """Have a task of an existing run do its next try, and follow it: its log, how it ends.

    The scheduler starts the try and records it, as always; this command only asks and looks on. So
    each try starts at most once, whoever asks, and Ctrl-C ends the looking, not the task. The task
    waits for what it depends on; what that is, is said after 2 seconds. The exit code is 0 only if
    the try succeeded. To run a task regardless, unrecorded, use `flowctl tasks test`.
    """
    engine = current_engine()
    with reading(engine) as conn:
        found = finding.run(conn, dag_id, run)
        row = finding.task(conn, found, task_id, map_index)
        _require_a_scheduler(conn, dag_id)
    if TaskState(row.state) in FINISHED:
        if not force:
            raise Failure(
                f"task {task_id!r} has ended in run {found.run_id!r}: {row.state};"
                " to have it run again: --force"
            )
        _clear(found, task_id, map_index)
    goes_on = row.state in UNDER_WAY or row.waiting_since is not None
    number = row.try_number - row.resumed + (not goes_on)
    tried = _Follower(engine, found, task_id, map_index, number).follow(timeout)
    if tried.state not in GOOD:
        reason = f": {tried.reason}" if tried.reason else ""
        raise Failure(f"try {number} of task {task_id!r} ended: {tried.state}{reason}")
    click.echo(f"try {number} of task {task_id!r} ended: {tried.state}", err=True)


def _require_a_scheduler(conn: Connection, dag_id: str) -> None:
    """Raise Failure where nobody would ever start the task."""
    stop = outlook.alarm(conn, clock.utcnow()) or Room(
        outlook.world(conn, settings(), [])
    ).dag_stop(dag_id)
    if stop is not None:
        raise Failure(stop)


def _clear(found: Row[Any], task_id: str, map_index: int) -> None:
    wanted = Clear(
        (found.dag_id,),
        rf"^{re.escape(task_id)}\Z",
        run_ids=(found.run_id,),
        map_index=map_index,
    )
    with writing() as conn:
        if not clears.clear(conn, wanted, actor(), clock.utcnow()):
            raise Failure(f"task {task_id!r} is no longer in DAG {found.dag_id!r}")


class _Follower:
    """Looks on while one try waits, runs and ends."""

    def __init__(
        self, engine: Engine, run: Row[Any], task_id: str, map_index: int, number: int
    ) -> None:
        self._engine = engine
        self._run = run
        self._task_id = task_id
        self._map_index = map_index
        self._number = number
        self._standing = Standing(engine, run.id, task_id)
        self._log = _Log(settings().path("logging", "base_log_folder"))

    def follow(self, timeout_s: float | None) -> Row[Any]:
        """Print the log as it grows; return the try once it has ended.

        Raises:
            Failure: the time is over, or there will be no such try.
        """
        waited_s, pause, before = 0.0, threading.Event(), ""
        while True:
            tried, state = self._look()
            for text in self._log.news(tried.log_path if tried is not None else None):
                click.echo(text, nl=False)
            if tried is not None and tried.end_date is not None and tried.state not in CONTINUED:
                return tried
            has_begun = tried is not None and tried.start_date is not None
            moved = has_begun or state != before
            for line in self._standing.lines(has_moved=moved, passed_s=LOOK_EVERY_S):
                click.echo(line, err=True)
            if timeout_s is not None and waited_s >= timeout_s:
                raise Failure(
                    f"task {self._task_id!r} has not ended after {timeout_s:g} s: {state}"
                )
            before = state
            pause.wait(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S

    def _look(self) -> tuple[Row[Any] | None, str]:
        """Return the try, None before it is ordered, and the state of the task.

        Raises:
            Failure: somebody cleared or deleted the task, or it ended without this try.
        """
        run_id = self._run.run_id
        with reading(self._engine) as conn:
            row = tasks.one(conn, self._run.dag_id, run_id, self._task_id, self._map_index)
            tried = tasks.tries(conn, row.id) if row is not None else ()
        if row is None:
            raise Failure(f"run {run_id!r} was deleted")
        found = next((one for one in tried if one.try_number - one.resumed == self._number), None)
        if found is None and TaskState(row.state) in FINISHED:
            raise Failure(
                f"task {self._task_id!r} did not run, it is {row.state}: flowctl why"
                f" {self._run.dag_id} {self._task_id} {run_id}"
            )
        return found, row.state


class _Log:
    """What was added to a log file since the last look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = 0
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode

    def news(self, path: str | None) -> Iterator[str]:
        """Yield the new text; nothing where there is no file, on this machine or yet."""
        file = self._folder / path if path else None
        if file is None or not file.is_file():
            return
        with file.open("rb") as log:
            log.seek(self._read)
            raw = log.read()
        self._read += len(raw)
        yield outputs.printable(self._decode(raw))
