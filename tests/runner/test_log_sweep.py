"""Log files of tasks go when they are too old or too many; those of unfinished runs never do."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowctl.core.retention import Limits, Policy, Retention
from flowctl.runner.log_sweep import LogSweep

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def log(home: Path, run: int, days_ago: float, *, dag_id: str = "d", size_bytes: int = 10) -> Path:
    """Write a log file of which the last line is so many days old."""
    path = home / f"dag_id={dag_id}" / f"run_id=r{run}" / "task_id=t" / "attempt=1.log"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * size_bytes)
    at = (NOW - days_ago * DAY).timestamp()
    for one in (path, *path.parents[:3]):
        os.utime(one, (at, at))
    return path


def sweep(sweep: LogSweep, policy: Policy, *, open_runs: frozenset[str] = frozenset()) -> int:
    """Go over the folder once; return how many steps that took."""
    return sum(1 for _ in sweep.walk(policy, open_runs.__contains__))


def left(home: Path) -> list[str]:
    return sorted(path.parts[-3] for path in home.rglob("*.log"))


def test_old_files_go_with_their_folders(tmp_path: Path) -> None:
    for run, days_ago in enumerate((9, 5, 1)):
        log(tmp_path, run, days_ago)
    other = tmp_path / "scheduler" / "2024" / "x.log"
    other.parent.mkdir(parents=True)
    other.touch()
    os.utime(other, (0, 0))

    logs = LogSweep(tmp_path)
    sweep(logs, Policy(Limits(log_age=4 * DAY), {}, NOW))
    assert left(tmp_path / "dag_id=d") == ["run_id=r2"]
    assert logs.take_count() == (2, 20)
    assert other.exists()
    for folder in tmp_path.rglob("task_id=t"):
        os.utime(folder, (0, 0))
        os.utime(folder.parent, (0, 0))
    sweep(logs, Policy(Limits(log_age=4 * DAY), {}, NOW))
    assert [one.name for one in (tmp_path / "dag_id=d").iterdir()] == ["run_id=r2"]


def test_what_an_unfinished_run_wrote_stays(tmp_path: Path) -> None:
    log(tmp_path, 1, 9)
    log(tmp_path, 2, 9)

    policy = Policy(Limits(log_age=DAY, log_bytes=1), {}, NOW)
    sweep(LogSweep(tmp_path), policy, open_runs=frozenset({"dag_id=d/run_id=r2"}))
    assert left(tmp_path) == ["run_id=r2"]


def test_the_oldest_of_too_much_go_first(tmp_path: Path) -> None:
    """How much there is one pass learns, the next one deletes."""
    for run in range(6):
        log(tmp_path, run, 10 - run)

    logs, policy = LogSweep(tmp_path), Policy(Limits(log_bytes=35), {}, NOW)
    sweep(logs, policy)
    assert len(left(tmp_path)) == 6
    sweep(logs, policy)
    assert left(tmp_path) == ["run_id=r3", "run_id=r4", "run_id=r5"]


def test_a_dag_may_have_limits_of_its_own(tmp_path: Path) -> None:
    for run in range(3):
        log(tmp_path, run, 3 - run)
        log(tmp_path, run, 3 - run, dag_id="brief")
        log(tmp_path, run, 3 - run, dag_id="small")
    own = {"brief": Retention(log_age=2.5 * DAY), "small": Retention(log_bytes=10)}

    logs, policy = LogSweep(tmp_path), Policy(Limits(log_age=9 * DAY), own, NOW)
    for _ in range(2):
        sweep(logs, policy)
    assert len(left(tmp_path / "dag_id=d")) == 3
    assert left(tmp_path / "dag_id=brief") == ["run_id=r1", "run_id=r2"]
    assert left(tmp_path / "dag_id=small") == ["run_id=r2"]


def test_a_count_deletes_nothing(tmp_path: Path) -> None:
    log(tmp_path, 1, 9)

    logs = LogSweep(tmp_path)
    list(logs.walk(Policy(Limits(log_age=DAY), {}, NOW), lambda _: False, deletes=False))
    assert logs.take_count() == (1, 10)
    assert left(tmp_path) == ["run_id=r1"]


def test_a_step_is_one_file(tmp_path: Path) -> None:
    """So that whoever has something else to do is never kept waiting."""
    for run in range(20):
        log(tmp_path, run, 9)

    assert sweep(LogSweep(tmp_path), Policy(Limits(), {}, NOW)) >= 20


def test_the_logs_of_a_deleted_run_go(tmp_path: Path) -> None:
    log(tmp_path, 1, 0)
    log(tmp_path, 2, 0)

    list(LogSweep(tmp_path).remove_run("d", "r1"))
    assert [one.name for one in (tmp_path / "dag_id=d").iterdir()] == ["run_id=r2"]


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an old file outside of the log folder."""
    path = tmp_path_factory.mktemp("outside") / "precious.log"
    path.touch()
    os.utime(path, (0, 0))
    return path


def test_links_are_not_followed(tmp_path: Path, outside: Path) -> None:
    """A task may put anything into the folder of its log."""
    folder = log(tmp_path, 1, 9).parent
    (folder / "out").symlink_to(outside.parent)
    (folder / "precious.log").symlink_to(outside)

    sweep(LogSweep(tmp_path), Policy(Limits(log_age=DAY), {}, NOW))
    list(LogSweep(tmp_path).remove_run("d", "r1"))
    assert outside.exists()


def test_there_may_be_no_folder(tmp_path: Path) -> None:
    assert sweep(LogSweep(tmp_path / "none"), Policy(Limits(log_share=0.5), {}, NOW)) == 0
