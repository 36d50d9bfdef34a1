"""Nothing happens that would follow from an outcome which does not count, or is refused."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from flowctl import config
from flowctl.core.attempt import Ended, Order, Outcome
from flowctl.core.retention import KEEPS_ALL
from flowctl.core.spec import TaskSpec
from flowctl.core.states import TaskState
from flowctl.core.world import Rules
from flowctl.executors.contract import Key
from flowctl.parsing.options import Options
from flowctl.parsing.parser import Parser
from flowctl.runner.messages import Facts
from flowctl.scheduler.loop import Loop, Settings
from flowctl.scheduler.machine import Machine
from flowctl.scheduler.memory import READ_AT_ONCE
from flowctl.scheduler.needs import Needs
from flowctl.store import dags, lease
from flowctl.store.crypto import Cipher, new_key
from flowctl.store.engine import reading, writing
from flowctl.store.schema import task_instance
from flowctl.store.wake import Waker, listen
from tests.scheduler.sites import NOW, Remembering, add_run, define, move_task

REFUSE = """
CREATE TRIGGER refuse BEFORE UPDATE ON task_instance
WHEN NEW.task_id = 'first' AND NEW.state = 'success'
BEGIN SELECT RAISE(ABORT, 'refused by the test'); END
"""


class Handing(Remembering):
    """An executor whose attempts end when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: list[Ended] = []
        self.written: list[Key] = []
        self.given_back: list[Key] = []

    def facts(self) -> list[Facts]:
        handed, self.handed = self.handed, []
        return [Facts([], handed=handed)]

    def start(self, orders: Sequence[Order], written: Sequence[Key] = ()) -> None:
        super().start(orders)
        self.written += written

    def give_back(self, keys: Sequence[Key]) -> None:
        self.given_back += keys


class Site:
    """A scheduler whose ticks are taken by hand."""

    def __init__(self, engine: Engine, loop: Loop, executor: Handing) -> None:
        self.engine, self.loop, self.executor = engine, loop, executor

    def settle(self) -> None:
        """Tick until all is read, and some times more."""
        for _ in range(20):
            self.loop.tick(NOW)

    def end(self, pk: int, task_id: str, state: TaskState) -> Key:
        """Have the end of a running task handed over."""
        columns = task_instance.c
        of_task = (columns.dag_run_id == pk, columns.task_id == task_id)
        with reading(self.engine) as conn:
            row = conn.execute(select(columns.id, columns.try_number).where(*of_task)).one()
        outcome = Outcome(row.id, row.try_number, state, NOW, NOW)
        self.executor.handed.append(Ended(pk, outcome, "a.log"))
        return (row.id, row.try_number)

    def states(self, pk: int) -> dict[str, str]:
        columns = task_instance.c
        query = select(columns.task_id, columns.state).where(columns.dag_run_id == pk)
        with reading(self.engine) as conn:
            return {row.task_id: row.state for row in conn.execute(query)}


@pytest.fixture
def site(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Give a scheduler of a home without DAG files."""
    monkeypatch.setenv("FLOWCTL_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
    config.forget()
    with writing(engine) as conn:
        term = lease.take(conn, "tests", NOW)
    assert term is not None
    executor, parser = Handing(), Parser(Options.from_config(config.load()))
    listener = listen(engine, tmp_path)
    settings = Settings(3600, Rules(), KEEPS_ALL, tmp_path, False, "", None)
    loop = Loop(
        engine,
        executor,
        parser,
        listener,
        term=term,
        settings=settings,
        record=lambda conn, parsed: dags.record(conn, parsed, NOW, paused_at_creation=False),
        cipher=Cipher(new_key()),
        needs=Needs(Waker(engine, tmp_path)),
        machine=Machine(0.9),
    )
    yield Site(engine, loop, executor)
    parser.close()
    listener.close()
    config.forget()


def a_run(site: Site, others: int = 2) -> int:
    """Return a run whose first task runs; one follows it, and the others follow that."""
    names = [f"n{at}" for at in range(others)]
    with writing(site.engine) as conn:
        tasks = [TaskSpec("first"), TaskSpec("after", upstream=("first",))]
        define(conn, "d", *tasks, *(TaskSpec(name, upstream=("after",)) for name in names))
        pk = add_run(conn, "d", 0, first=TaskState.RUNNING)
    site.settle()
    return pk


def test_what_follows_from_an_outcome_is_done_once_both_are_written(site: Site) -> None:
    pk = a_run(site)
    key = site.end(pk, "first", TaskState.SUCCESS)
    site.loop.tick(NOW)

    assert (site.executor.written, site.executor.given_back) == ([key], [])
    assert [order.task_id for order in site.executor.started] == ["after"]
    assert site.states(pk) == {"first": "success", "after": "queued", "n0": "none", "n1": "none"}


@pytest.mark.parametrize("others", [2, READ_AT_ONCE + 1], ids=["small", "read in parts"])
def test_nothing_starts_after_a_task_that_was_marked_meanwhile(site: Site, others: int) -> None:
    pk = a_run(site, others)
    with writing(site.engine) as conn:
        move_task(conn, pk, "first", TaskState.FAILED)
    key = site.end(pk, "first", TaskState.SUCCESS)
    site.settle()

    assert (site.executor.written, site.executor.given_back) == ([], [key])
    assert site.executor.started == []
    found = site.states(pk)
    assert (found["first"], found["after"]) == ("failed", "upstream_failed")


@pytest.mark.parametrize("others", [2, READ_AT_ONCE + 1], ids=["small", "read in parts"])
def test_nothing_starts_after_an_outcome_that_is_refused(site: Site, others: int) -> None:
    """What becomes of it is for the runner to find out."""
    pk = a_run(site, others)
    with writing(site.engine) as conn:
        conn.exec_driver_sql(REFUSE)
    key = site.end(pk, "first", TaskState.SUCCESS)
    site.settle()

    assert (site.executor.written, site.executor.given_back) == ([], [key])
    assert site.executor.started == []
    assert site.states(pk)["first"] == "running"


def test_nothing_is_killed_for_a_plan_that_was_not_written(site: Site) -> None:
    with writing(site.engine) as conn:
        define(conn, "d", TaskSpec("first"), TaskSpec("beside"), fail_stop=True)
        pk = add_run(conn, "d", 0, first=TaskState.RUNNING, beside=TaskState.RUNNING)
    site.settle()
    with writing(site.engine) as conn:
        move_task(conn, pk, "first", TaskState.SUCCESS)
    site.end(pk, "first", TaskState.FAILED)
    site.settle()

    assert site.executor.killed == []
    assert site.states(pk) == {"first": "success", "beside": "running"}


def test_other_runs_go_on_beside_one_that_is_read_anew(site: Site) -> None:
    first = a_run(site)
    with writing(site.engine) as conn:
        second = add_run(conn, "d", -1, first=TaskState.RUNNING)
    site.loop.memory.stale.add(second)
    site.settle()
    with writing(site.engine) as conn:
        move_task(conn, first, "first", TaskState.FAILED)
    keys = [site.end(pk, "first", TaskState.SUCCESS) for pk in (first, second)]
    site.loop.tick(NOW)
    assert (site.executor.written, site.executor.given_back) == ([], keys)
    assert site.states(second)["first"] == "running"

    site.end(second, "first", TaskState.SUCCESS)  # by the runner, in its own way
    site.settle()
    assert [order.run.pk for order in site.executor.started] == [second]
    assert site.states(first)["after"] == "upstream_failed"
