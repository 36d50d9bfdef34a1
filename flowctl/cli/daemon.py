"""`-D`: start a daemon, and return once it is known to run.

The command starts itself anew in a session of its own, with its output in files, and waits at the
end of a pipe: one byte says that the daemon is ready, the end of the pipe that it is not.
"""

import atexit
import functools
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click

from flowctl.cli.lazy import Failure
from flowctl.cli.settings import settings
from flowctl.runner import pidfiles

READY_FD = "FLOWCTL_READY_FD"
PID_FILE = "FLOWCTL_PID_FILE"  # tells gunicorn which one it holds
COMMANDLINE = click.core.ParameterSource.COMMANDLINE
OWN = frozenset({"daemon", "pid", "log_file", "stdout", "stderr"})
SHOWN_BYTES = 2000  # of what a daemon said before it gave up

OPTIONS = (
    click.option("-D", "--daemon", is_flag=True, help="Run in the background."),
    click.option("--pid", type=click.Path(path_type=Path), help="The file that holds its pid."),
    click.option(
        "-l", "--log-file", type=click.Path(path_type=Path), help="Where its log lines go."
    ),
    click.option("--stdout", type=click.Path(path_type=Path), help="With -D: its output."),
    click.option("--stderr", type=click.Path(path_type=Path), help="With -D: its errors."),
)


class Files(NamedTuple):
    """Where a daemon leaves its traces."""

    pid: Path | None
    log: Path | None
    out: Path | None
    err: Path | None


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a daemon: it gets `daemon`, and the rest as `files`."""

    @functools.wraps(command)
    def with_files(
        *,
        pid: Path | None,
        log_file: Path | None,
        stdout: Path | None,
        stderr: Path | None,
        **given: Any,
    ) -> None:
        command(files=Files(pid, log_file, stdout, stderr), **given)

    for option in reversed(OPTIONS):
        with_files = option(with_files)
    return with_files


def start(kind: str, given: Files) -> None:
    """Start this command again as a daemon; return when it is ready.

    Files that were not given are in the home, as `flowctl-scheduler.pid`, `.log`, `.out`, `.err`.

    Raises:
        Failure: it ended instead; the message has its last words.
    """
    stem = settings().home / f"flowctl-{kind}"
    pid, log = given.pid or Path(f"{stem}.pid"), given.log or Path(f"{stem}.log")
    out, err = given.out or Path(f"{stem}.out"), given.err or Path(f"{stem}.err")
    holder = pidfiles.holder(pid)
    if holder is not None:
        raise Failure(f"the {kind} runs already, as process {holder} ({pid})")
    for file in (out, err, log):
        private(file)
    said_before = err.stat().st_size
    child, is_ready = _spawn([*_arguments(), "--pid", str(pid), "--log-file", str(log)], out, err)
    if not is_ready:
        child.wait()
        raise Failure(f"the {kind} did not start: {_last_words(err, said_before)}")
    click.echo(f"The {kind} runs as process {child.pid}; its log is {log}.")


def _spawn(arguments: list[str], out: Path, err: Path) -> tuple[subprocess.Popen[bytes], bool]:
    """Start a command; return it once it says that it is ready (True), or has ended (False)."""
    reader, writer = os.pipe()
    with out.open("ab") as to_out, err.open("ab") as to_err:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "flowctl", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=to_out,
            stderr=to_err,
            start_new_session=True,
            pass_fds=(writer,),
            env={**os.environ, READY_FD: str(writer), "FLOWCTL_HOME": str(settings().home)},
        )
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        return child, bool(pipe.read(1))


def _arguments() -> list[str]:
    """Return the arguments of this command without those that concern the daemon's files."""
    context = click.get_current_context()
    words = [context.info_name or ""]
    for option in context.command.params:
        value = context.params.get(option.name or "")
        is_given = context.get_parameter_source(option.name or "") is COMMANDLINE
        if is_given and option.name not in OWN:
            words += (
                [option.opts[-1]] if option.name == "verbose" else [option.opts[-1], str(value)]
            )
    return words


def _last_words(file: Path, start_at: int) -> str:
    with file.open("rb") as said:
        said.seek(start_at)
        text = said.read().decode(errors="replace")[-SHOWN_BYTES:].strip()
    return text.removeprefix("flowctl: ") or f"see {file}"


def begin(kind: str, wanted: Files) -> None:
    """Be this daemon from now on: found by `flowctl stop`, logging where it should.

    Raises:
        DaemonRuns: the pid file is held by another.
        UsageError: --stdout or --stderr without -D.
    """
    if READY_FD not in os.environ and (wanted.out or wanted.err):
        raise click.UsageError("--stdout and --stderr go with -D; in a terminal use > and 2>")
    if wanted.log is not None:
        private(wanted.log)
    pidfiles.register(settings().home, kind)
    if wanted.pid is not None:
        pidfiles.hold(wanted.pid)
        atexit.register(pidfiles.let_go, wanted.pid, os.getpid())
    logging.basicConfig(
        level=settings().text("logging", "logging_level") or "INFO",
        format="%(asctime)s %(name)s %(levelname)s %(message)s",
        filename=wanted.log,
        force=True,  # with -v it is set up already, for stderr
    )


def private(file: Path) -> None:
    """Make a file that nobody else may read, if there is none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))


def ready() -> None:
    """Tell the command that started this daemon that it runs."""
    fd = os.environ.pop(READY_FD, None)
    if fd is not None:
        os.write(int(fd), b"y")
        os.close(int(fd))
