"""One command, one terminal: scheduler, web server and triggerer as children that are looked after.

The triggerer is started when the scheduler first says that something waits for it: it takes 60 MB,
and most homes have nothing deferred. A child that dies is started again, later each time. The
children end with this process, however it ends: asked, or by the kernel (`PR_SET_PDEATHSIG`).
Attempts are the runner's and run on. One thread and one selector: a death signal of the kernel
counts from the thread that started the child.
"""

import atexit
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from flowctl.config import Config
from flowctl.errors import FlowctlError
from flowctl.runner import bonds, pidfiles
from flowctl.scheduler import ending, needs, ports

PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # before a child is started again
STEADY_S = 60.0  # a child that lived this long starts anew without a pause
GRACE_S = 7.0  # how long children may take to end; a web server gives its requests 5 s of it
MORE_BYTES = 65536


@dataclass(slots=True, eq=False)
class Child:
    """One daemon that is looked after."""

    kind: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    pidfd: int = -1
    started_at: float = 0.0
    start_at: float | None = 0.0  # None: it runs, or is not needed yet
    deaths: int = 0
    rest: dict[int, bytes] = field(default_factory=dict)  # unfinished lines by descriptor


class Standalone:
    """Runs the daemons of one home."""

    def __init__(self, conf: Config, *, port: int | None, say: Callable[[str], object]) -> None:
        self._conf = conf
        self._host = conf.text("webserver", "web_server_host")
        self._port = port or conf.whole("webserver", "web_server_port")
        self._say = say
        self._selector = selectors.DefaultSelector()
        self._is_stopping = False
        self._password = ""  # of the administrator that was made for a new metastore
        self._children = [
            Child("scheduler", ["scheduler"]),
            Child("webserver", ["webserver", "--port", str(self._port)]),
        ]
        self._triggerer = Child("triggerer", ["triggerer"], start_at=None)
        self._children.append(self._triggerer)
        self._needs_reader, self._needs_writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._needs_reader, selectors.EVENT_READ, self._hear_needs)

    def run(self) -> None:
        """Run the daemons until SIGTERM, SIGINT or SIGHUP.

        Raises:
            PortError: the web server's port is taken.
            FlowctlError: the metastore cannot be used.
            DaemonRuns: the home is in use by another standalone.
        """
        self._prepare()
        self._catch_signals()
        self._introduce()
        while not self._is_stopping:
            self._start_due()
            for key, _events in self._selector.select(self._patience()):
                key.data()
        self._end()

    def _prepare(self) -> None:
        ports.require_free(self._host, self._port)
        held = self._conf.home / "run" / "standalone.pid"
        pidfiles.hold(held)
        atexit.register(pidfiles.let_go, held, os.getpid())
        pidfiles.register(self._conf.home, "standalone")
        done = subprocess.run(
            [sys.executable, "-P", "-m", "flowctl.scheduler.preparation"],
            env={**os.environ, "FLOWCTL_HOME": str(self._conf.home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise FlowctlError(done.stderr.strip().rpartition("\n")[2])
        self._password = done.stdout.strip()
        self._conf.path("core", "dags_folder").mkdir(parents=True, exist_ok=True)

    def _introduce(self) -> None:
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._say(f"home      | {self._conf.home}")
        self._say(f"home      | DAG files go into {self._conf.path('core', 'dags_folder')}")
        self._say(f"webserver | http://{host}:{self._port} (health: /health); Ctrl-C ends all")
        if self._password:
            self._say(f"webserver | log in as admin, password {self._password} (shown only now)")

    def _catch_signals(self) -> None:
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop())
        self._selector.register(reader, selectors.EVENT_READ, lambda: os.read(reader, MORE_BYTES))

    def _stop(self) -> None:
        self._is_stopping = True

    # ------------------------------------------------------------------ the children

    def _patience(self) -> float | None:
        due = [child.start_at for child in self._children if child.start_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.start_at is not None and child.start_at <= now:
                self._start(child)

    def _start(self, child: Child) -> None:
        parent = os.getpid()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "flowctl", *child.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,  # Ctrl-C in the terminal reaches this process alone
            env=self._environment(),
            pass_fds=[self._needs_writer] if child.kind == "scheduler" else [],
            preexec_fn=lambda: bonds.end_with(parent),
        )
        child.process, child.start_at, child.started_at = process, None, time.monotonic()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, self._hearing(child, stream))
        child.pidfd = os.pidfd_open(process.pid)
        self._selector.register(child.pidfd, selectors.EVENT_READ, lambda: self._died(child))

    def _hear_needs(self) -> None:
        """Start the triggerer, unless it runs or is about to."""
        os.read(self._needs_reader, MORE_BYTES)
        if self._triggerer.process is None and self._triggerer.start_at is None:
            self._triggerer.start_at = time.monotonic()

    def _environment(self) -> dict[str, str]:
        chosen = {
            "FLOWCTL_HOME": str(self._conf.home),
            "PYTHONUNBUFFERED": "1",
            needs.FD: str(self._needs_writer),
        }
        if not self._conf.is_set("core", "executor"):
            chosen["FLOWCTL__CORE__EXECUTOR"] = "LocalExecutor"
        return {**os.environ, **chosen}

    def _hearing(self, child: Child, stream: IO[bytes]) -> Callable[[], None]:
        return lambda: self._hear(child, stream)

    def _hear(self, child: Child, stream: IO[bytes]) -> None:
        """Pass on what a child says, line by line, under its name."""
        try:
            said = os.read(stream.fileno(), MORE_BYTES)
        except BlockingIOError:
            return
        lines = (child.rest.pop(stream.fileno(), b"") + said).split(b"\n")
        if said and lines[-1]:
            child.rest[stream.fileno()] = lines[-1]
        for line in lines[:-1] if said else filter(None, lines):
            self._say(f"{child.kind:<9} | {line.decode(errors='replace')}")
        if not said:
            self._selector.unregister(stream)
            stream.close()

    def _died(self, child: Child) -> None:
        self._selector.unregister(child.pidfd)
        os.close(child.pidfd)
        assert child.process is not None
        code = child.process.wait()
        child.process = None
        if self._is_stopping:
            return
        now = time.monotonic()
        child.deaths = 0 if now - child.started_at > STEADY_S else child.deaths + 1
        pause_s = PAUSES_S[min(child.deaths, len(PAUSES_S)) - 1] if child.deaths else 0.0
        child.start_at = now + pause_s
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        self._say(f"{child.kind:<9} | {how}; starting it again in {pause_s:g} s")

    # ------------------------------------------------------------------ the end

    def _end(self) -> None:
        self._say("home      | ending; tasks that run are not disturbed")
        self._tell_all(signal.SIGTERM)
        give_up = time.monotonic() + GRACE_S
        while any(child.process for child in self._children):
            for key, _events in self._selector.select(max(0.0, give_up - time.monotonic())):
                key.data()
            if time.monotonic() >= give_up:
                self._tell_all(signal.SIGKILL)
                give_up += GRACE_S
        self._say_what_runs_on()

    def _tell_all(self, number: signal.Signals) -> None:
        for child in self._children:
            if child.process is None:
                continue
            if number is signal.SIGKILL:
                os.killpg(child.process.pid, number)  # a web server with its workers
            else:
                child.process.send_signal(number)

    def _say_what_runs_on(self) -> None:
        runner = ending.running_tasks(self._conf.home)
        if runner is None:
            self._say("home      | everything has ended")
        else:
            self._say(
                f"home      | tasks run on under the runner (process {runner}); their results are"
                " taken up at the next start; to end them: flowctl stop --kill"
            )
