"""Wait until a command succeeds."""

import os
from collections.abc import Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import Any

from flowctl.authoring.exceptions import AirflowFailException
from flowctl.operators.child import Child, ending
from flowctl.sensors.base import BaseSensorOperator


class BashSensor(BaseSensorOperator):
    """Waits until `bash_command` ends with exit code 0.

    Args:
        bash_command: a command, run in an empty folder.
        env: the whole environment of the command; default is that of this process.
        output_encoding: of what the command writes; what does not fit is shown escaped.
        retry_exit_code: the one exit code that means "not yet": with any other the task fails,
            without a retry. None: they all mean it.

    Raises:
        AirflowFailException: it ended with another exit code than these.
    """

    template_fields: Sequence[str] = ("bash_command", "env")

    def __init__(
        self,
        *,
        bash_command: str,
        env: Mapping[str, str] | None = None,
        output_encoding: str = "utf-8",
        retry_exit_code: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.output_encoding = output_encoding
        self.retry_exit_code = retry_exit_code
        self._child: Child | None = None

    def poke(self, context: Any) -> bool:  # noqa: ARG002 - Airflow's signature
        """Run the command; say whether it succeeded."""
        self.log.info("Running: bash -c %r", self.bash_command)
        self._child = Child(self.log)
        env = os.environ if self.env is None else self.env
        with TemporaryDirectory(prefix="airflowtmp") as folder:
            code, _last_line = self._child.run(
                ["bash", "-c", self.bash_command],
                env=env,
                folder=folder,
                encoding=self.output_encoding,
            )
        if code and self.retry_exit_code not in (None, code):
            raise AirflowFailException(f"the command {ending(code)}")
        return code == 0

    def on_kill(self) -> None:
        """Send SIGTERM to bash and all that it has started."""
        if self._child is not None:
            self._child.terminate()
