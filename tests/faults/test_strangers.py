"""A pid names nobody for long: a process that has got the pid of an attempt is left in peace."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.runner import identity
from flowctl.runner.blanks import Blanks
from flowctl.runner.spool import Claim, Spool
from tests.faults.harness import Home


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """Give a process that has nothing to do with flowctl."""
    command = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    process = subprocess.Popen(command, start_new_session=True, cwd=Path("/"), env={})
    yield process
    process.kill()
    process.wait()


def _earlier(process: "subprocess.Popen[bytes]") -> identity.Identity:
    """Return the name of a process that had this pid before."""
    ticks = identity.start_ticks(process.pid)
    assert ticks is not None
    return identity.Identity(identity.boot_id(), process.pid, ticks - 1)


def test_a_stranger_with_the_pid_of_an_attempt_is_not_signalled(
    stranger: "subprocess.Popen[bytes]",
) -> None:
    """Neither held nor killed: it started at another moment."""
    identity.signal_tree(_earlier(stranger), signal.SIGKILL)

    assert identity.hold(_earlier(stranger)) is None
    assert stranger.poll() is None


def test_an_attempt_whose_pid_went_to_a_stranger_is_gone(
    sqlite_home: Home, stranger: "subprocess.Popen[bytes]"
) -> None:
    """The next runner retries the task at once, and does not wait for the stranger."""
    home = sqlite_home
    run_id = home.trigger("gate")[0]
    home.await_line("START", "waits")
    home.kill(home.processes())
    spool = Spool(home.path / "run" / "attempts")
    (claim,) = spool.claims()
    spool.remove(claim.order.key)
    blank = Blanks(spool.folder).take(claim.order.key)
    assert spool.claim(Claim(claim.order, _earlier(stranger)), blank)
    home.start()
    home.await_line("START", "waits", 2)
    home.open_gates()
    home.await_runs("gate")

    assert [row.state for row in home.tries(run_id, "waits")] == ["up_for_retry", "success"]
    assert stranger.poll() is None
