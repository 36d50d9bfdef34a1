"""A command that a task runs, and that ends with the task.

It runs in a process group of its own: when the task is told to end, all that the command has
started gets the signal. `process_group` costs nothing (the child is still made by vfork), where a
`preexec_fn` would fork the whole interpreter.
"""

import logging
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

_has_left_any = False


def has_left_any() -> bool:
    """Say whether a command of this process has ended and left others in its process group."""
    return _has_left_any


def _note_who_is_left(group: int) -> None:
    global _has_left_any
    with suppress(OSError):
        os.killpg(group, 0)
        _has_left_any = True


class Child:
    """One command at a time; see the module."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self.process: subprocess.Popen[bytes] | None = None

    def run(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None,
        folder: str | None = None,
        encoding: str = "utf-8",
    ) -> tuple[int, str]:
        """Run a command, its output going to the log line by line.

        Args:
            command: the program and its arguments.
            env: its whole environment; None for that of this process.
            folder: where it runs; None for here.
            encoding: of what it writes; what does not fit is shown escaped.

        Returns:
            Its exit code, below zero for a signal, and its last line of output.

        Raises:
            OSError: it cannot be started.
        """
        last_line = ""
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=env,
            process_group=0,
        ) as process:
            self.process = process
            assert process.stdout is not None
            try:
                for raw in process.stdout:
                    last_line = raw.decode(encoding, errors="backslashreplace").rstrip()
                    self._log.info("%s", last_line)
            except BaseException:
                self.terminate()
                raise
        self.process = None
        _note_who_is_left(process.pid)
        return process.returncode, last_line

    def terminate(self) -> None:
        """Send SIGTERM to the command and all that it has started."""
        if self.process is not None and self.process.poll() is None:
            self._log.info("Sending SIGTERM to the process group of the command")
            os.killpg(self.process.pid, signal.SIGTERM)


def ending(code: int) -> str:
    """Say in words how a command ended that did not succeed."""
    if code > 0:
        return f"failed with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "a real-time signal"
    return f"was ended by signal {-code} ({name})"
