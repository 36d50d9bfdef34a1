"""A PostgreSQL server that can be stopped and started again, with the same data and address."""

import os
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.waiting import wait_until
from tests.support import postgres
from tests.support.postgres import Server

SETTINGS = {**postgres.SETTINGS, "synchronous_commit": "on"}  # what is committed outlives a crash
STOP_S = 30.0  # a server that must write its pages first, on a busy disk
START_S = 30.0


class Outage:
    """The power switch of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        pid = _postmaster(server.port)
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        self._command = [os.fsdecode(word) for word in words if word]
        self._owner = Path(f"/proc/{pid}").stat()
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT is PostgreSQL's "fast", SIGQUIT its "immediate"."""
        pid = _postmaster(self.server.port)
        pidfd = os.pidfd_open(pid)
        os.kill(pid, how)
        with open(pidfd, closefd=True) as process:  # until then its data cannot be opened again
            assert select.select([process], [], [], STOP_S)[0], "the server does not end"
        if self._process is not None:
            self._process.wait(STOP_S)

    def end(self) -> None:
        """Start the server again."""
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "INT", *self._command],  # it ends with the tests
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=self._owner.st_uid,
            group=self._owner.st_gid,
            cwd=Path(self._command[self._command.index("-D") + 1]).parent,
        )
        wait_until(self.server.is_ready, START_S, "the server")


def _postmaster(port: int) -> int:
    wanted = f"port={port}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if wanted in words and words[0].endswith(b"/postgres"):
                return int(entry.name)
    raise LookupError(f"no PostgreSQL on port {port}")


@contextmanager
def switchable_server() -> Iterator[Outage]:
    """Run a server of one's own, and remove it at the end, whether it runs then or not."""
    with postgres.running_server(SETTINGS) as server:
        outage = Outage(server)
        try:
            yield outage
        finally:
            if outage._process is not None:
                outage._process.kill()
                outage._process.wait()
