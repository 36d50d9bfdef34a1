"""The metastore goes away, or is busy, while tasks run.

`FAULTS_OUTAGE_S` says for how many seconds PostgreSQL is stopped, `FAULTS_WRITING_S` for how many
eight programs write to SQLite at least.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.store.engine import create, writing
from tests.bench.waiting import pause, wait_until
from tests.faults.conftest import running
from tests.faults.harness import SETTLED_S, Home
from tests.faults.outage import Outage, switchable_server
from tests.faults.processes import Role

OUTAGE_S = float(os.environ.get("FAULTS_OUTAGE_S", "10"))
WRITING_S = float(os.environ.get("FAULTS_WRITING_S", "2"))
WRITERS = 8


@pytest.fixture
def outage() -> Iterator[Outage]:
    """Give a server that can be stopped."""
    with switchable_server() as outage:
        yield outage


@pytest.fixture
def outage_home(tmp_path: Path, outage: Outage) -> Iterator[Home]:
    """Give a home whose metastore is that server."""
    with outage.server.database() as url:
        yield from running(Home(tmp_path, url))


@pytest.mark.parametrize(
    ("how", "lasts_s"),
    [(signal.SIGINT, OUTAGE_S), (signal.SIGQUIT, 0.0)],
    ids=["stopped for a while", "immediate restart"],
)
def test_an_outage_of_postgresql_loses_nothing_and_ends_nobody(
    outage_home: Home, outage: Outage, how: signal.Signals, lasts_s: float
) -> None:
    """Tasks end meanwhile; what they left is recorded as soon as the server is back."""
    home = outage_home
    home.trigger("layers", 2)
    home.trigger("gate")
    home.await_line("END", "t0_3")
    home.await_line("START", "waits")
    daemons = home.processes(Role.SCHEDULER, Role.RUNNER, Role.BASE)
    outage.begin(how)
    home.open_gates()
    home.await_line("END", "waits")
    pause(lasts_s)
    before = len(home.lines())
    outage.end()
    wait_until(lambda: len(home.lines()) > before, SETTLED_S, "the next task")
    for dag_id in ("layers", "gate"):
        home.await_runs(dag_id)

    home.judge()
    assert all(daemon.is_alive for daemon in daemons)


def test_what_died_during_an_outage_is_replaced_and_nothing_is_lost(
    outage_home: Home, outage: Outage
) -> None:
    """Runner and zygotes at once; the scheduler, which needs the metastore, when that is back."""
    home = outage_home
    home.trigger("layers")
    home.trigger("gate")
    home.await_line("END", "t0_3")
    before = home.await_line("START", "waits")[0]
    outage.begin()
    home.kill(home.processes(Role.RUNNER, Role.BASE, Role.ZYGOTE))
    home.open_gates()
    home.await_line("END", "waits")
    home.await_process(Role.RUNNER)
    home.kill_scheduler()
    outage.end()
    home.start()
    for dag_id in ("layers", "gate"):
        home.await_runs(dag_id)

    home.judge()
    assert home.await_line("END", "waits")[0].process == before.process


def test_eight_writers_never_lock_sqlite(sqlite_home: Home) -> None:
    """Programs and commands write all the time; the run goes on, and nobody complains."""
    home = sqlite_home
    stopping = threading.Event()
    troubles: list[BaseException] = []
    writers = [
        threading.Thread(target=_hammer, args=(home.url, at, stopping, troubles))
        for at in range(WRITERS)
    ]
    home.trigger("layers")
    for writer in writers:
        writer.start()
    began = time.monotonic()
    try:
        while time.monotonic() - began < WRITING_S:
            home.trigger("five")
            home.command("variables", "set", "name", "value")
        for dag_id in ("layers", "five"):
            home.await_runs(dag_id, 60 + WRITING_S)
    finally:
        stopping.set()
        for writer in writers:
            writer.join()

    home.judge()
    logs = [home.log, *(home.path / "logs").rglob("*.log")]
    assert not [log for log in logs if "locked" in log.read_text()]
    assert not troubles


def _hammer(
    url: str, number: int, stopping: threading.Event, troubles: list[BaseException]
) -> None:
    engine = create(url)
    at = "2026-01-01 00:00:00.000000"
    statement = f"INSERT INTO event (at, name, actor) VALUES ('{at}', 'test', ?)"
    while not stopping.wait(0.002):
        try:
            with writing(engine) as conn:
                conn.exec_driver_sql(statement, (f"writer {number}",))
        except Exception as error:
            troubles.append(error)
            break
    engine.dispose()


REFUSE_ON_SQLITE = """
CREATE TRIGGER refuse BEFORE UPDATE ON task_instance
WHEN NEW.task_id = 'left' AND NEW.state = 'success'
BEGIN SELECT RAISE(ABORT, 'refused by the test'); END
"""
REFUSE_ON_POSTGRESQL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.task_id = 'left' AND NEW.state = 'success' THEN RAISE 'refused by the test'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON task_instance FOR EACH ROW EXECUTE FUNCTION refuse()
"""


def test_an_outcome_that_the_metastore_refuses_holds_up_no_other(home: Home) -> None:
    """Neither the leader, who is to write it first, nor the runner, nor what else has ended."""
    engine = create(home.url)
    is_sqlite = engine.dialect.name == "sqlite"
    with writing(engine) as conn:
        conn.exec_driver_sql(REFUSE_ON_SQLITE if is_sqlite else REFUSE_ON_POSTGRESQL)
    engine.dispose()
    home.trigger("alone")
    home.await_runs("alone")

    rows = {row.task_id: row for row in home.tasks().values() if row.dag_id == "alone"}
    assert {name: row.state for name, row in rows.items()} == {
        "first": "success",
        "left": "failed",
        "right": "success",
        "last": "upstream_failed",
    }
    refused = "the metastore refuses what the task left (success): refused by the test"
    assert rows["left"].reason == refused
    assert "a tick failed" not in home.log.read_text()
