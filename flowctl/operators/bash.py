"""A task that runs a command or a script with bash."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any, ClassVar

from flowctl.authoring.context import context_to_airflow_vars
from flowctl.authoring.exceptions import AirflowException, AirflowSkipException
from flowctl.authoring.log_lines import say
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.settings import NOTSET
from flowctl.operators import folders
from flowctl.operators.child import ending
from flowctl.operators.subprocess_hook import SubprocessHook


def as_it_is(line: str) -> str:
    """Return the last line of a command as the result of its task."""
    return line


class BashOperator(BaseOperator):
    """Runs `bash_command`; its last line of output is the task's result.

    Args:
        bash_command: a command, or a script file ending in .sh or .bash, both templates.
        env: the environment; default is that of this process.
        append_env: add `env` to the environment of this process instead.
        output_encoding: of what the command writes; what does not fit is shown escaped.
        skip_on_exit_code: the exit code, or codes, that mean "skipped"; None for none.
        cwd: where to run it; default is an empty temporary folder.
        output_processor: makes the result of the last line.

    Raises:
        AirflowException: the command failed, or `cwd` is no folder.
        AirflowSkipException: it ended with `skip_on_exit_code`.
    """

    template_fields: Sequence[str] = ("bash_command", "env", "cwd")
    template_fields_renderers: ClassVar[dict[str, str]] = {"bash_command": "bash", "env": "json"}
    template_ext: Sequence[str] = (".sh", ".bash")
    ui_color = "#f0ede4"

    def __init__(
        self,
        *,
        bash_command: Any,
        env: dict[str, str] | None = None,
        append_env: bool = False,
        output_encoding: str = "utf-8",
        skip_exit_code: int | None = None,
        skip_on_exit_code: int | Collection[int] | None = 99,
        cwd: str | None = None,
        output_processor: Callable[[str], Any] = as_it_is,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.append_env = append_env
        self.output_encoding = output_encoding
        codes = skip_exit_code if skip_exit_code is not None else skip_on_exit_code
        self.skip_on_exit_code = listed_codes(codes)
        self.cwd = cwd
        self.output_processor = output_processor

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        """Return what the command is run with; operators that are derived from this one use it."""
        return SubprocessHook()

    def get_env(self, context: Any) -> dict[str, str]:
        """Return the environment of the command: what was asked for, and what names this run."""
        env = dict(os.environ) if self.append_env or self.env is None else {}
        env |= self.env or {}
        if not _names(env, context):  # what runs attempts has exported them already
            env |= context_to_airflow_vars(context, in_env_var_format=True)
        return env

    def _environment(self, context: Any) -> dict[str, str] | None:
        """Return what `get_env` says, or None where that is the environment of this process.

        Handing it on as it is spares reading, decoding and encoding each of its variables, which is
        the most that a short command costs besides its processes.
        """
        is_own = type(self).get_env is BashOperator.get_env
        inherits = self.env is None or (self.append_env and not self.env)
        if is_own and inherits and _names(os.environ, context):
            return None
        return self.get_env(context)

    def execute(self, context: Any) -> Any:
        """Run the command, its output going to the log line by line."""
        if self.bash_command is NOTSET or not isinstance(self.bash_command, str):
            raise AirflowException(
                f"bash_command of task {self.task_id!r} is a text, not {self.bash_command!r}"
            )
        with self._folder() as folder:
            code, last_line = self._run(self.bash_command, self._environment(context), folder)
        if code in self.skip_on_exit_code:
            raise AirflowSkipException(f"the command ended with exit code {code}: skipped")
        if code:
            raise AirflowException(f"the command {ending(code)}")
        return self.output_processor(last_line)

    def _run(self, command: str, env: dict[str, str] | None, folder: str) -> tuple[int, str]:
        """Return exit code and last line of output."""
        say(f"Running in {folder}: bash -c {command!r}")
        return self.subprocess_hook.run_command(
            [_bash(), "-c", command], env, self.output_encoding, folder
        )

    @contextmanager
    def _folder(self) -> Iterator[str]:
        if self.cwd is None:
            with folders.new("airflowtmp") as folder:
                yield folder
            return
        if not os.path.isdir(self.cwd):
            raise AirflowException(f"cwd of task {self.task_id!r}: {self.cwd} is not a folder")
        yield self.cwd

    def on_kill(self) -> None:
        """Send SIGTERM to bash and all that it has started."""
        self.subprocess_hook.send_sigterm()


@cache
def _bash() -> str:
    """Return where bash is: looked up in the PATH of this process, not in that of the command."""
    places = (os.path.join(folder, "bash") for folder in os.get_exec_path())
    return next((place for place in places if os.access(place, os.X_OK)), "bash")


def _names(env: Mapping[str, str], context: Any) -> bool:
    """Say whether an environment names the task instance of a context."""
    ti = context.get("task_instance")
    named = (env.get("AIRFLOW_CTX_DAG_RUN_ID"), env.get("AIRFLOW_CTX_TASK_ID"))
    return ti is not None and named == (context.get("run_id"), ti.task_id)


def listed_codes(codes: Any) -> Collection[int]:
    """Return exit codes that were given as one, several, or None for none."""
    if codes is None:
        return ()
    return codes if hasattr(codes, "__contains__") else (codes,)
