"""What tests of real processes share: commands, and ports."""

import select
import socket
import subprocess
import sys

PATIENCE_S = 60.0  # a busy machine is slow; nothing waits this long when all is well


def flowctl(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "flowctl", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def speaking(*words: str) -> "subprocess.Popen[bytes]":
    """Start a program of Python whose lines are awaited with `await_line`.

    They are not read ahead: where two come at once, `select` would not know of the second.
    """
    return subprocess.Popen(
        [sys.executable, *words], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def await_line(process: "subprocess.Popen[bytes]", words: str) -> str:
    """Read what a process says until a line has these words; return all of it."""
    assert process.stdout is not None
    said = ""
    while words not in said:
        assert select.select([process.stdout], [], [], PATIENCE_S)[0], said
        line = process.stdout.readline()
        assert line, said
        said += line.decode()
    return said


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
