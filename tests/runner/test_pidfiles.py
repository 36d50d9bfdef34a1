"""The files of daemons: who holds one is alive, and nobody else is taken for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flowctl.runner import pidfiles
from flowctl.runner.pidfiles import DaemonRuns

HOLDING = """
import sys
from pathlib import Path
from flowctl.runner import pidfiles
{deed}
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(deed: str) -> Iterator[int]:
    """Run a process that does this with a pid file, and lives on; give its pid."""
    command = [sys.executable, "-c", HOLDING.format(deed=deed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process.pid
        process.stdin.close()


def test_a_file_is_held_for_as_long_as_its_process_lives(tmp_path: Path) -> None:
    path = tmp_path / "x.pid"
    with holding(f"pidfiles.hold(Path({str(path)!r}))") as pid:
        assert pidfiles.holder(path) == pid
        assert path.read_text() == f"{pid}\n"
        with pytest.raises(DaemonRuns, match=f"process {pid} runs already"):
            pidfiles.hold(path)

    assert pidfiles.holder(path) is None


def test_a_stranger_whose_pid_is_in_an_old_file_is_no_daemon(tmp_path: Path) -> None:
    """Its number was given to another process meanwhile: this one."""
    stale = pidfiles.folder(tmp_path) / f"scheduler.{os.getpid()}"
    stale.parent.mkdir(parents=True)
    stale.write_text(f"{os.getpid()}\n")

    assert pidfiles.daemons(tmp_path) == []
    assert not stale.exists()


def test_a_file_that_is_taken_while_it_seems_stale_is_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`flowctl stop` would not find its daemon."""
    stale = pidfiles.folder(tmp_path) / "scheduler.1"
    stale.parent.mkdir(parents=True)
    stale.touch()
    monkeypatch.setattr(pidfiles, "_daemon", lambda _path: None)  # as it was a moment ago

    with holding(f"pidfiles.hold(Path({str(stale)!r}))") as pid:
        assert pidfiles.daemons(tmp_path) == []
        assert pidfiles.holder(stale) == pid


def test_a_daemon_registers_once_whoever_deletes_its_file_is_done(tmp_path: Path) -> None:
    with holding(f"pidfiles.register(Path({str(tmp_path)!r}), 'scheduler')") as pid:
        (found,) = pidfiles.daemons(tmp_path)
        os.close(found.pidfd)

        assert (found.kind, found.pid) == ("scheduler", pid)
