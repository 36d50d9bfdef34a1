"""How attempts end, seen from outside: their process, their rows, their logs, their callbacks."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from flowctl import clock, config
from flowctl.authoring.ports import ConnectionRecord
from flowctl.executors import choice
from flowctl.executors.contract import Executor
from flowctl.scheduler.callbacks import Callbacks
from flowctl.store import connections, metastore, variables
from flowctl.store.engine import writing
from tests.support.workshop import Workshop, is_alive

DAGS = Path(__file__).parent / "dags"


@dataclass
class Place:
    """A home with a running executor."""

    shop: Workshop
    executor: Executor

    def run(self, dag_id: str) -> dict[str, Row[Any]]:
        """Have the first tasks of a new run end; return the rows of their attempts."""
        orders = self.shop.order(dag_id)
        rows = self.shop.run(self.executor, list(orders.values()))
        return dict(zip(orders, rows, strict=True))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Place]:
    """Give one home to all tests of this file."""
    folder = tmp_path_factory.mktemp("processes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__CORE__PARALLELISM", "4")
        url = f"sqlite:///{shutil.copy(sqlite_template, folder)}"
        shop = Workshop.make(folder, url, patch)
        shop.add((DAGS / "endings.py").read_text(), "endings.py")
        executor = choice.executor(config.load(), "LocalExecutor")
        executor.connect(shop.term)
        shop.executors.append(executor)
        yield Place(shop, executor)
        shop.close()


@pytest.fixture(scope="module")
def endings(place: Place) -> dict[str, Row[Any]]:
    """Give the rows of attempts that ended in every way there is."""
    return place.run("endings")


# task, state, reason begins with, exit code, signal
ENDINGS = [
    ("fine", "success", None, 0, None),
    ("exits0", "success", None, 0, None),
    ("exits3", "failed", "SystemExit(3)", 0, None),
    ("vanishes", "failed", "the process ended with exit status 7", 7, None),
    ("segfaults", "failed", "killed by signal 11 (SIGSEGV)", None, 11),
    ("killed", "failed", "killed by signal 9 (SIGKILL)", None, 9),
    ("killed_retries", "up_for_retry", "killed by signal 9 (SIGKILL)", None, 9),
    ("too_much", "failed", "MemoryError", 0, None),
    ("skips", "skipped", "AirflowSkipException: not today", 0, None),
    ("gives_up", "failed", "AirflowFailException: never again", 0, None),
    ("fails", "failed", "ZeroDivisionError: division by zero", 0, None),
    ("retries", "up_for_retry", "ZeroDivisionError: division by zero", 0, None),
    ("talks", "success", None, 0, None),
    ("returns_much", "success", None, 0, None),
    ("too_long", "failed", "AirflowTaskTimeout: execution_timeout of 0.3 s is over", 0, None),
    ("stubborn", "failed", "it ran longer than its execution_timeout, 0.3 s", None, 9),
]


@pytest.mark.parametrize(("task", "state", "reason", "code", "number"), ENDINGS)
def test_each_end_has_its_state_and_its_reason(
    endings: dict[str, Row[Any]],
    task: str,
    state: str,
    reason: str | None,
    code: int | None,
    number: int | None,
) -> None:
    """With how the process ended, in the row of the attempt."""
    row = endings[task]
    assert (row.state, row.exit_code, row.signal) == (state, code, number)
    assert (row.reason or "").startswith(reason or "")
    assert bool(row.reason) == bool(reason)


@pytest.mark.usefixtures("endings")
def test_the_runner_is_one_of_the_processes(place: Place) -> None:
    rows = place.shop.rows("SELECT pid FROM process WHERE kind = 'runner' AND ended_at IS NULL")

    assert [row.pid for row in rows] == [place.shop.runner_pid()]


def test_what_each_attempt_cost_is_kept(endings: dict[str, Row[Any]]) -> None:
    """Its process, its peak of memory and its CPU time, however it ended."""
    for row in endings.values():
        assert row.pid > 0
        assert row.peak_rss_bytes > 2**20
        assert 0 <= row.cpu_s < 30
        assert row.start_date <= row.end_date
    assert len({row.pid for row in endings.values()}) == len(endings)


def test_the_log_lies_where_airflow_has_it(place: Place, endings: dict[str, Row[Any]]) -> None:
    """And has what the task said, and why it failed."""
    path = "dag_id=endings/run_id=run1/task_id={}/attempt=1.log".format
    assert {name: row.log_path for name, row in endings.items()} == {
        name: path(name) for name in endings
    }
    assert "ZeroDivisionError: division by zero" in place.shop.log(endings["fails"])
    assert "killed by signal 9" in place.shop.log(endings["killed"])
    assert "SIGTERM" in place.shop.log(endings["stubborn"])


def test_a_flood_is_in_the_log_to_the_last_line(place: Place, endings: dict[str, Row[Any]]) -> None:
    """20 MB of it, and nobody had to read while it was written."""
    said = [line for line in place.shop.log(endings["talks"]).splitlines() if line[-3:] == "xxx"]

    assert [int(line.split()[0]) for line in said] == list(range(200))
    assert {len(line.split()[1]) for line in said} == {100_000}


def test_a_result_of_five_megabytes_is_kept(place: Place, endings: dict[str, Row[Any]]) -> None:
    """As JSON."""
    query = "SELECT length(value) AS n FROM xcom WHERE ti_id = :ti"
    assert place.shop.rows(query, ti=endings["returns_much"].ti_id)[0].n == 5_000_002


def test_on_kill_is_called_once_when_the_time_is_over(
    place: Place, endings: dict[str, Row[Any]]
) -> None:
    """By the timeout itself."""
    assert endings["too_long"].state == "failed"
    assert Counter(line[1] for line in place.shop.marks("ON_KILL"))["too_long"] == 1


def test_each_callback_is_called_once(place: Place, endings: dict[str, Row[Any]]) -> None:
    """By the attempt itself, or in its place where its process was gone."""
    shop = place.shop
    expected = Counter({("execute", name): 1 for name in endings})
    events = {"success": "success", "failed": "failure", "up_for_retry": "retry"}
    for name, row in endings.items():
        expected[events.get(row.state, row.state), name] += 1
    chosen = Callbacks(shop.engine, place.executor, shop.term)

    chosen.start(clock.utcnow())
    shop.until(lambda: len(shop.marks("CALLED")) >= sum(expected.values()))
    left = "SELECT count(*) AS n FROM callback"
    shop.until(lambda: shop.rows(left)[0].n == 0, "the end of all callbacks")
    chosen.start(clock.utcnow())

    assert Counter((line[1], line[2]) for line in shop.marks("CALLED")) == expected


def test_a_task_that_is_killed_calls_on_kill(place: Place) -> None:
    """It is told with SIGTERM, and has time."""
    shop, order = place.shop, place.shop.order("waiting")["waits"]
    place.executor.start([order])
    shop.until(lambda: any(line[1] == "waits" for line in shop.marks("WAITS")))
    place.executor.kill([order.key], "somebody ended it")
    (row,) = shop.until_ended([order])

    assert row.state == "failed"
    assert [line for line in shop.marks("ON_KILL") if line[1] == "waits"] == [["ON_KILL", "waits"]]


def test_tasks_ask_for_data_from_many_threads(place: Place) -> None:
    """Variables, connections and XComs come through the runner."""
    shop = place.shop
    keys = metastore.cipher(config.load())
    with writing(shop.engine) as conn:
        variables.put(conn, keys, variables.Variable("given", "a"))
        connections.put(conn, keys, ConnectionRecord("db", "postgres", password="hidden"))
    row = place.run("asking")["asks"]

    assert row.state == "success", shop.log(row)
    value = "SELECT value FROM xcom WHERE ti_id = :ti AND key = 'return_value'"
    assert shop.rows(value, ti=row.ti_id)[0].value == '[true,"hidden"]'
    with writing(shop.engine) as conn:
        written = variables.get(conn, keys, "written")
    assert written is not None
    assert written.value == "a!"


def test_the_runner_leaks_no_descriptor(place: Place) -> None:
    """200 attempts later it has as many as after the first fifty."""
    folder = Path(f"/proc/{place.shop.runner_pid()}/fd")
    place.run("short")
    before = len(os.listdir(folder))
    for _ in range(4):
        assert {row.state for row in place.run("short").values()} == {"success"}

    place.shop.until(lambda: len(os.listdir(folder)) <= before, "the end of what the last one had")


HEAD = "from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n"
HEAD += "from marks import home, mark\n"
TASK = "with DAG('{0}', schedule=None):\n    PythonOperator(task_id='t', python_callable={1})\n"


def test_a_file_that_starts_threads_is_imported_by_each_attempt(place: Place) -> None:
    """A fork of a process with threads could hang on any lock."""
    threads = (
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    place.shop.add(HEAD + threads + TASK.format("threads", "lambda: 1"), "threads.py")

    for _ in range(2):
        row = place.run("threads")["t"]
        assert row.state == "success", place.shop.log(row)


def test_a_file_that_asks_for_variables_is_imported_by_each_attempt(place: Place) -> None:
    """So that each finds what they are now."""
    asks = "from airflow.models import Variable\ncolour = Variable.get('colour', 'none')\n"
    work = "lambda: mark('COLOUR', colour)"
    place.shop.add(HEAD + asks + TASK.format("asks", work), "asks.py")

    keys = metastore.cipher(config.load())
    for colour in ("red", "green"):
        with writing(place.shop.engine) as conn:
            variables.put(conn, keys, variables.Variable("colour", colour))
        row = place.run("asks")["t"]
        assert row.state == "success", place.shop.log(row)
    assert [mark[1] for mark in place.shop.marks("COLOUR")] == ["red", "green"]


def test_a_version_that_cannot_be_imported_any_more_fails_its_task(place: Place) -> None:
    """With the error of the import, in the reason and in the log."""
    late = "if (home() / 'broken').exists():\n    raise RuntimeError('too late')\n"
    place.shop.add(HEAD + late + TASK.format("late", "lambda: 1"), "late.py")
    (place.shop.home / "broken").touch()
    row = place.run("late")["t"]

    assert row.state == "failed"
    assert "too late" in row.reason
    assert "too late" in place.shop.log(row)


def test_a_run_keeps_the_version_it_began_with(place: Place) -> None:
    """Although its file has changed since, and another run has the new one."""
    shop = place.shop
    shop.add(HEAD + TASK.format("changes", "lambda: mark('VERSION', 'old')"), "changes.py")
    old = shop.order("changes")["t"]
    shop.add(HEAD + TASK.format("changes", "lambda: mark('VERSION', 'new')"), "changes.py")
    new = shop.order("changes")["t"]
    for order in (new, old):
        shop.run(place.executor, [order])

    assert [line[1] for line in shop.marks("VERSION")] == ["new", "old"]


def test_a_killed_attempt_leaves_no_command_behind(place: Place) -> None:
    """A retry must not run beside what the first try had started."""
    place.shop.add((DAGS / "leaves.py").read_text(), "leaves.py")
    place.run("leaves")
    (command,) = place.shop.marks("COMMAND")

    place.shop.until(lambda: not is_alive(int(command[1])), "the command to be gone")


TOLD = """
import os, signal
from airflow.models import Variable


def work():
    secret = Variable.get("db_password").encode()
    os.write(1, b"raw: " + secret + b" half: " + secret[:10])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_attempt_leaves_no_secret_in_its_log(place: Place) -> None:
    """It could not blank what went past Python; the runner does."""
    with writing(place.shop.engine) as conn:
        secret = variables.Variable("db_password", "canary-of-the-log")
        variables.put(conn, metastore.cipher(config.load()), secret)
    place.shop.add(HEAD + TOLD + TASK.format("told", "work"), "told.py")
    row = place.run("told")["t"]

    place.shop.until(lambda: "canary-of-" not in place.shop.log(row), "the secret to be gone")
    assert row.signal == 9
    assert "raw: ***************** half: **********[" in place.shop.log(row)
