"""One attempt, in a process that has a session and process group of its own.

In this order: the claim, the log file as stdout and stderr, the user's code, the journal, the
callbacks. Nobody else needs to be alive for any of it.

What can be done before the fork is done there (`runner.zygote`): a fresh process pays 3.3 us for
each page of memory that it is the first to write, and an attempt of a task that does nothing wrote
850 of them before (measured on 2026-11-21).
"""

import contextlib
import gc
import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from flowctl import clock
from flowctl.authoring import ports
from flowctl.core.attempt import Order, Outcome
from flowctl.core.states import TaskState
from flowctl.late import Late
from flowctl.runner import execute, identity, meaning, tasklog, verdicts
from flowctl.runner.messages import Start
from flowctl.runner.spool import NO_ROOM, Claim, Spool

if TYPE_CHECKING:
    from flowctl.runner import alarms
else:
    alarms = Late("flowctl.runner.alarms")  # few attempts are callbacks

FULL_DISK_PAUSE_S = 0.5

FindDag = Callable[[str], Any]  # dag_id -> the user's DAG; raises what the import raised


class End(NamedTuple):
    """How an attempt ended."""

    code: int  # the exit status for its process
    state: TaskState | None = None  # None: it has no outcome


def run(
    start: Start,
    find_dag: FindDag,
    spool: Spool,
    prepared: execute.Prepared | None = None,
    spent_cpu_s: float = 0.0,
) -> End:
    """Run one order in this process, which is nobody else's meanwhile.

    Args:
        find_dag: asked where nothing is prepared.
        prepared: what was made of the order before the fork.
        spent_cpu_s: by this process, for attempts before this one.
    """
    end = End(verdicts.EXIT_BROKEN)
    try:
        claim = Claim(start.order, identity.own(), spent_cpu_s)
        if not spool.claim(claim, start.blank):
            return End(verdicts.EXIT_CLAIMED)
        end = _run(start, find_dag, spool, prepared)
    except OSError as error:
        if error.errno in NO_ROOM:
            end = End(verdicts.EXIT_DISK_FULL)
        _print_error()
    except BaseException:
        _print_error()
    flush()
    return end


def _print_error() -> None:
    """Print where it failed; the log may be what cannot be written."""
    with contextlib.suppress(OSError):
        traceback.print_exc()


def flush() -> None:
    """Write out what was printed; user code may have closed or replaced where it goes."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _run(start: Start, find_dag: FindDag, spool: Spool, prepared: execute.Prepared | None) -> End:
    order = start.order
    _when_there_is_room(lambda: _log_to(start.log_path))
    if start.group:
        identity.enter_group(start.group)
    tasklog.hide_secrets_in_prints()  # the DAG file may have replaced the streams
    gc.enable()
    if order.callback_id:
        return _call_back(order, find_dag, spool)
    owner = os.getpid()
    if prepared is None:
        outcome, finish = _outcome(order, find_dag)
    else:
        outcome, finish = execute.run(prepared, clock.utcnow)
    if os.getpid() != owner:  # the task forked, and its child came back: it has no say
        flush()
        os._exit(verdicts.EXIT_DONE)
    outcome.pid = os.getpid()
    flush()
    with contextlib.suppress(OSError):
        tasklog.hide_secrets_in_file(start.log_path)
    _when_there_is_room(lambda: spool.write_outcome(order.key, outcome))
    finish()
    return End(verdicts.EXIT_DONE, outcome.state)


def _call_back(order: Order, find_dag: FindDag, spool: Spool) -> End:
    """Run callbacks, or send a mail; note that it is done, so that it is not done twice."""
    started = clock.utcnow()
    alarms.answer(order, find_dag)
    done = Outcome(*order.key, TaskState.SUCCESS, started, clock.utcnow())
    _when_there_is_room(lambda: spool.write_outcome(order.key, done))
    return End(verdicts.EXIT_DONE)


def _when_there_is_room(write: Callable[[], None]) -> None:
    """Write, on a full disk as soon as there is room: what is done must not be done again."""
    while True:
        try:
            write()
            return
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            threading.Event().wait(FULL_DISK_PAUSE_S)


def _outcome(order: Order, find_dag: FindDag) -> tuple[Outcome, Callable[[], None]]:
    started = clock.utcnow()
    try:
        dag = find_dag(order.run.dag_id)
    except BaseException as error:  # user code: a DAG file may call sys.exit
        traceback.print_exc()
        outcome = meaning.failed(order, error, started, clock.utcnow())
        outcome.callback = ""  # what would run it is in the file that cannot be imported
        return outcome, lambda: None
    return execute.execute(order, dag, ports=ports.current(), now=clock.utcnow)


def _log_to(log_path: str) -> None:
    """Make the log file stdout and stderr: a file, not a pipe, so nobody has to read it."""
    try:
        fd = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(log_path), mode=0o750, exist_ok=True)
        fd = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    os.close(fd)
