"""Whether tasks run on under the runner, when all that started it has ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.runner import sockets
from flowctl.runner.blanks import Blanks
from flowctl.runner.identity import Identity
from flowctl.runner.spool import Claim, Spool
from flowctl.scheduler import ending
from tests.runner.test_spool import KEY, order_of

NEVER = iter(lambda: False, True)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Give a home whose runner answers; it is this process."""
    (tmp_path / "run" / "attempts").mkdir(parents=True)
    with sockets.listen(tmp_path / "run" / "runner.sock"):
        yield tmp_path


def gone(monkeypatch: pytest.MonkeyPatch, answers: Iterator[bool]) -> None:
    """Answer in turn whether the runner is gone."""
    monkeypatch.setattr(ending, "_is_gone", lambda *_: next(answers))


def test_a_runner_that_takes_its_time_to_end_has_no_tasks(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine it took more than a second, and tasks were said to run."""
    gone(monkeypatch, iter([False, False, True]))

    assert ending.running_tasks(home) is None


def test_a_runner_with_a_task_is_not_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "run" / "attempts"
    claim = Claim(order_of(KEY, {}), Identity("boot", 1, 2))
    assert Spool(folder).claim(claim, Blanks(folder).take(KEY))
    gone(monkeypatch, NEVER)

    assert ending.running_tasks(home) is not None


def test_a_runner_that_does_not_end_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone(monkeypatch, NEVER)
    monkeypatch.setattr(ending, "IDLE_ENDS_S", 0.0, raising=False)

    assert ending.running_tasks(home) is not None
