"""flowctl is replaced under running tasks: they end as if nothing had happened.

The new flowctl is a copy of the package with another version, which the next scheduler is started
from. Its runner takes over what the old one began; the old one ends and starts nothing more.
"""

import re
import shutil
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

import flowctl
from flowctl.core.attempt import Outcome
from flowctl.runner import messages
from flowctl.runner.spool import Claim
from tests.bench.waiting import wait_until
from tests.faults.harness import SETTLED_S, Home
from tests.faults.processes import Process, Role

NEW = "99.0.0"
WORDS = Path(__file__).parent / "data" / "words_0.1.0.json"


@pytest.fixture(scope="module")
def new_flowctl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with another flowctl, to be put on PYTHONPATH."""
    folder = tmp_path_factory.mktemp("new")
    package = Path(flowctl.__path__[0])
    left_out = shutil.ignore_patterns("ui", "static", "__pycache__")
    shutil.copytree(package, folder / "flowctl", ignore=left_out)
    version = folder / "flowctl" / "version.py"
    version.write_text(re.sub(r'VERSION = ".*"', f'VERSION = "{NEW}"', version.read_text()))
    return folder


def environment(process: Process) -> bytes:
    return Path(f"/proc/{process.pid}/environ").read_bytes()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_new_version_takes_over_what_the_old_one_began(
    sqlite_home: Home, new_flowctl: Path, how: signal.Signals
) -> None:
    home = sqlite_home
    home.trigger("gate")
    (begun,) = home.await_line("START", "waits")
    old = home.await_process(Role.RUNNER)
    home.scheduler.send_signal(how)
    home.scheduler.wait(SETTLED_S)

    home.start(("-P", "-m", "flowctl"), PYTHONPATH=str(new_flowctl))
    wait_until(lambda: not old.is_alive, SETTLED_S, "the end of the old runner")
    home.trigger("gate")
    home.await_line("START", "waits", 2)
    home.open_gates()
    home.await_runs("gate")

    new = home.await_process(Role.RUNNER)
    assert f"PYTHONPATH={new_flowctl}".encode() in environment(new)
    assert "adopted 1 attempts" in (home.path / "logs" / "runner.log").read_text()
    ends = {line.subject: line for line in home.await_line("END", "waits", 2)}
    assert ends[begun.subject].process == begun.process
    assert home.tasks()[begun.subject].try_number == 1
    home.judge()


READERS: dict[str, msgspec.json.Decoder[Any]] = {
    "Claim": msgspec.json.Decoder(Claim),
    "Outcome": msgspec.json.Decoder(Outcome),
    "ToRunner": messages.TO_RUNNER,
    "ToExecutor": messages.TO_EXECUTOR,
    "Answer": messages.ANSWER,
}


@pytest.mark.parametrize("kind", READERS)
def test_what_released_versions_say_is_understood(kind: str) -> None:
    """What an attempt of an older flowctl leaves and asks, and how its runner greets.

    A field that is added to one of these has a default, and none is taken away: else a new runner
    could not adopt what the old one began.
    """
    for said in msgspec.json.decode(WORDS.read_bytes())[kind]:
        found = READERS[kind].decode(msgspec.json.encode(said))
        assert msgspec.to_builtins(found) is not None


@pytest.mark.parametrize("kind", READERS)
def test_what_a_newer_version_says_is_understood(kind: str) -> None:
    """Fields that it does not know do not disturb the old runner in making room."""
    for said in msgspec.json.decode(WORDS.read_bytes())[kind]:
        READERS[kind].decode(msgspec.json.encode({**said, "some_day": [1]}))
