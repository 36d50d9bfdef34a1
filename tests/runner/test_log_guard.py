"""The log of an attempt keeps to its limit: beginning and end are there, and a line between."""

import shutil
from pathlib import Path

import pytest

from flowctl import config
from flowctl.executors import choice
from flowctl.runner.log_guard import LogGuard
from tests.support.workshop import Workshop

KEY = (1, 1)
SAID = "the log grew over {}, [logging] task_log_size: {} were dropped here"

LOUD = """
from airflow import DAG
from airflow.operators.python import PythonOperator


def speak():
    print("begin")
    for number in range(5000):
        print(f"line {number:04} {'x' * 90}")
    print("end")


with DAG("loud", schedule=None):
    PythonOperator(task_id="t", python_callable=speak)
"""


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_what_is_too_much_is_dropped_from_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "attempt=1.log"
    guard = LogGuard(1000)
    guard.began(KEY, str(path))
    guard.look(10.0)  # there is no file yet
    with path.open("ab", buffering=0) as attempt:
        for number in range(10):
            attempt.write(f"{number:099}\n".encode())
        guard.look(20.0)
        assert len(lines(path)) == 10
        attempt.write(b"more\n")
        guard.look(20.5)  # a second has not passed
        assert len(lines(path)) == 11
        guard.look(21.0)
        attempt.write(b"after it\n")

    found = lines(path)
    assert found[0] == f"{0:099}"
    assert SAID.format("1000 B", "300 B") in found[6]
    assert "WARNING" in found[6]
    assert found[7:] == [f"{8:099}", f"{9:099}", "more", "after it"]


@pytest.mark.parametrize("limit_bytes", [0, 10**6])
def test_what_is_within_the_limit_is_left_alone(tmp_path: Path, limit_bytes: int) -> None:
    path = tmp_path / "attempt=1.log"
    path.write_bytes(b"x\n" * 1000)
    guard = LogGuard(limit_bytes)
    guard.began(KEY, str(path))
    guard.look(10.0)
    guard.ended(KEY)

    assert path.stat().st_size == 2000
    assert not guard.is_busy


def test_a_real_task_that_says_too_much(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__LOGGING__TASK_LOG_SIZE", "100K")
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}"
    shop = Workshop.make(tmp_path, url, monkeypatch)
    try:
        shop.add(LOUD)
        executor = choice.executor(config.load(), "LocalExecutor")
        executor.connect(shop.term)
        shop.executors.append(executor)
        (row,) = shop.run(executor, list(shop.order("loud").values()))
        said = shop.log(row)
    finally:
        shop.close()

    assert row.state == "success"
    assert len(said) < 100 * 1024
    assert "begin" in said
    assert SAID.format("100.0 KiB", "")[:40] in said
    assert "end" in said.split("line 4999")[1]
