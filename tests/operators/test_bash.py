"""A command runs as a person expects: environment, folder, output, exit code, and its end."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring.exceptions import AirflowException, AirflowSkipException
from flowctl.operators.bash import BashOperator
from flowctl.operators.subprocess_hook import SubprocessResult
from tests.support.processes import PATIENCE_S


@pytest.fixture(autouse=True)
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Log what commands write."""
    caplog.set_level(logging.INFO)
    return caplog


@contextmanager
def listening(task: BashOperator, hear: Callable[[str], object]) -> Iterator[None]:
    """Call `hear` with each line of the task's log, as soon as it is logged."""

    def filtered(record: logging.LogRecord) -> bool:
        hear(record.getMessage())
        return True

    task.subprocess_hook.log.addFilter(filtered)
    try:
        yield
    finally:
        task.subprocess_hook.log.removeFilter(filtered)


def run(command: str, **options: Any) -> Any:
    return BashOperator(task_id="bash", bash_command=command, **options).execute({})


def test_the_last_line_is_the_result() -> None:
    assert run("echo first; echo last >&2") == "last"
    assert run("true") == ""
    assert run("printf '{\"a\": 1}'", output_processor=eval) == {"a": 1}


def test_every_line_is_logged_when_it_comes(
    lines: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The command goes on only after its first line was seen in the log."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    seen = threading.Event()
    writer = threading.Thread(target=lambda: seen.wait(PATIENCE_S) and gate.write_text("second\n"))
    task = BashOperator(task_id="bash", bash_command=f"echo first; read go < {gate}; echo $go")
    writer.start()

    with listening(task, lambda line: seen.set() if line == "first" else None):
        assert task.execute({}) == "second"

    writer.join()
    assert lines.messages[-2:] == ["first", "second"]


def test_bytes_that_are_no_text_are_shown_escaped() -> None:
    assert run(r"printf 'a\xffb'") == r"a\xffb"
    assert run(r"printf '\xe4'", output_encoding="latin-1") == "ä"


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({}, "outer:"),
        ({"env": {"INNER": "i"}}, ":i"),
        ({"env": {}}, ":"),
        ({"env": {}, "append_env": True}, "outer:"),
        ({"env": {"INNER": "i"}, "append_env": True}, "outer:i"),
    ],
)
def test_the_environment_is_replaced_or_extended(
    options: dict[str, Any], seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTER", "outer")

    assert run("echo $OUTER:$INNER", **options) == seen


def test_it_runs_in_an_empty_folder_of_its_own_that_is_gone_afterwards() -> None:
    folder = run("ls -A; touch left; pwd")

    assert Path(folder).name.startswith("airflowtmp")
    assert not Path(folder).exists()


def test_it_runs_where_it_is_told_to(tmp_path: Path) -> None:
    assert run("pwd", cwd=str(tmp_path)) == str(tmp_path)
    with pytest.raises(AirflowException, match="nowhere is not a folder"):
        run("pwd", cwd=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("code", "skip_on", "error"),
    [
        (1, 99, AirflowException),
        (99, 99, AirflowSkipException),
        (99, None, AirflowException),
        (7, [3, 7], AirflowSkipException),
        (0, [0], AirflowSkipException),
    ],
)
def test_the_exit_code_fails_or_skips_the_task(
    code: int, skip_on: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=rf"exit code {code}\b") as caught:
        run(f"exit {code}", skip_on_exit_code=skip_on)
    assert type(caught.value) is error


def test_a_command_that_dies_of_a_signal_says_which() -> None:
    with pytest.raises(AirflowException, match=r"signal 9 \(SIGKILL\)"):
        run("kill -9 $$")


def test_ending_the_task_ends_all_that_bash_has_started() -> None:
    """Bash and its child hold the pipe: `execute` returns only when both have ended."""
    task = BashOperator(task_id="bash", bash_command="sleep 60 & echo ready; wait")

    with (
        listening(task, lambda line: task.on_kill() if line == "ready" else None),
        pytest.raises(AirflowException, match="SIGTERM"),
    ):
        task.execute({})


def test_an_exception_from_outside_ends_the_command() -> None:
    task = BashOperator(task_id="bash", bash_command="echo $$; exec sleep 60")
    pids = []

    def interrupt(line: str) -> None:
        if line.isdigit():
            pids.append(int(line))
            raise KeyboardInterrupt

    with listening(task, interrupt), pytest.raises(KeyboardInterrupt):
        task.execute({})

    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


class Checked(BashOperator):
    """An operator of the user's, written for Airflow's."""

    def execute(self, context: Any) -> Any:  # noqa: ARG002 - as Airflow calls it
        """Run the command twice, with the hook that the operator has."""
        first = self.subprocess_hook.run_command(["bash", "-c", "echo $A; pwd; exit 3"], {"A": "a"})
        command = ["bash", "-c", self.bash_command]
        second = self.subprocess_hook.run_command(command, cwd="/", output_encoding="latin-1")
        return first, second


def test_operators_that_are_derived_have_the_hook() -> None:
    """It tells the exit code and the last line; no folder means a new one."""
    first, second = Checked(task_id="t", bash_command="pwd; printf '\\xe9'").execute({})

    assert first.exit_code == 3
    assert Path(first.output).name.startswith("airflowtmp")
    assert not Path(first.output).exists()
    assert second == (0, "é")


def test_the_hook_ends_what_it_runs() -> None:
    """Also where only the operator is told to."""
    task = Checked(task_id="t", bash_command="echo ready; exec sleep 60")

    with listening(task, lambda line: task.on_kill() if line == "ready" else None):
        _, second = task.execute({})

    assert second == SubprocessResult(-15, "ready")
