"""What operators that users derive from BashOperator run their commands with. (`airflow.hooks`)"""

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from flowctl.authoring.logging_mixin import LoggingMixin
from flowctl.operators import folders
from flowctl.operators.child import Child


class SubprocessResult(NamedTuple):
    """How a command ended."""

    exit_code: int  # below zero for a signal
    output: str  # its last line


class SubprocessHook(LoggingMixin):
    """Runs one command at a time, its output going to the log line by line."""

    def __init__(self, **_: Any) -> None:
        self.child = Child(self.log)

    @property
    def sub_process(self) -> "subprocess.Popen[bytes] | None":
        """Return the process of the command that runs."""
        return self.child.process

    def run_command(
        self,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        output_encoding: str = "utf-8",
        cwd: str | None = None,
    ) -> SubprocessResult:
        """Run a command to its end.

        Args:
            command: the program and its arguments.
            env: its whole environment; None for that of this process.
            output_encoding: of what it writes; what does not fit is shown escaped.
            cwd: where it runs; None for a new folder, which is removed afterwards.

        Raises:
            OSError: it cannot be started.
        """
        with folders.new("airflowtmp") if cwd is None else nullcontext(cwd) as folder:
            return SubprocessResult(
                *self.child.run(command, env=env, folder=folder, encoding=output_encoding)
            )

    def send_sigterm(self) -> None:
        """Send SIGTERM to the command and all that it has started."""
        self.child.terminate()
