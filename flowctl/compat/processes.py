"""How do DAG files and providers run other programs with Airflow's help?"""

import logging
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType

from flowctl.authoring.environment import environment_kept
from flowctl.authoring.exceptions import AirflowTaskTimeout

_log = logging.getLogger(__name__)


def execute_in_subprocess(cmd: list[str], cwd: str | None = None) -> None:
    """Run a program and log what it prints.

    Raises:
        CalledProcessError: it ended with another status than 0.
    """
    execute_in_subprocess_with_kwargs(cmd, cwd=cwd)


def execute_in_subprocess_with_kwargs(cmd: list[str], **kwargs: object) -> None:
    """Do the same with further arguments of `subprocess.Popen`.

    Raises:
        CalledProcessError: it ended with another status than 0.
    """
    _log.info("Executing cmd: %s", shlex.join(cmd))
    with subprocess.Popen(
        cmd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=True,
        **kwargs,  # type: ignore[call-overload]  # handed on
    ) as process:
        for line in process.stdout:
            _log.info("%s", line.decode(errors="replace").rstrip())
        status = process.wait()
    if status:
        raise subprocess.CalledProcessError(status, cmd)


def kill_child_processes_by_pids(pids_to_kill: Sequence[int], timeout: int = 5) -> None:  # noqa: ARG001 - Airflow's signature
    """Tell children of this process to end; those that are gone are no error."""
    for pid in pids_to_kill:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


@contextmanager
def patch_environ(new_env_variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the length of the block."""
    with environment_kept(new_env_variables):
        os.environ.update(new_env_variables)
        yield


class timeout:
    """Raises AirflowTaskTimeout in the block after `seconds`; in the main thread only."""

    def __init__(self, seconds: float = 1, error_message: str = "Timeout") -> None:
        self.seconds = seconds
        self.error_message = f"{error_message}, PID: {os.getpid()}"

    def handle_timeout(self, _number: int, _frame: FrameType | None) -> None:
        """Answer the alarm."""
        raise AirflowTaskTimeout(self.error_message)

    def __enter__(self) -> None:
        with suppress(ValueError):  # another thread than the main one gets no signals
            self._before = signal.signal(signal.SIGALRM, self.handle_timeout)
            signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(ValueError):
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
