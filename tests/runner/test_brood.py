"""A process that ran a command takes the next; each attempt is told what it used, and no more."""

import os
import select
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from flowctl import config
from flowctl.core.attempt import Order, RunFacts
from flowctl.executors import choice
from flowctl.executors.contract import Executor
from flowctl.runner import brood, messages
from flowctl.runner.brood import Brood
from flowctl.runner.rehearsal import DAY
from flowctl.runner.spool import Spool
from flowctl.store import metastore, variables
from flowctl.store.engine import writing
from tests.support.workshop import Workshop, is_alive

DAGS = Path(__file__).parent / "dags"


class Line:
    """A home whose executor runs one attempt at a time."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.executor = self.connect()
        self.orders: dict[str, Order] = {}

    def connect(self) -> Executor:
        """Speak to the runner, which is started if there is none."""
        executor = choice.executor(config.load(), "LocalExecutor")
        self.shop.known = executor.connect(self.shop.term)
        self.shop.executors.append(executor)
        return executor

    def order(self, task_id: str) -> Order:
        """Return an order of a task that has not been given yet."""
        if task_id not in self.orders:
            self.orders = self.shop.order("commands")
        return self.orders.pop(task_id)

    def run(self, *task_ids: str) -> list[Row[Any]]:
        """Run these tasks one after the other; return the rows of their attempts."""
        return [self.shop.run(self.executor, [self.order(name)])[0] for name in task_ids]


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture
def line(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """Give a home for commands."""
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "1")
    shop = Workshop.make(tmp_path, sqlite_url, monkeypatch)
    shop.add((DAGS / "commands.py").read_text(), "commands.py")
    yield Line(shop)
    shop.close()


def test_a_command_has_the_process_of_the_command_before(line: Line) -> None:
    """Of another run, too; each has its log, its folder, and its environment."""
    first, second, again = line.run("first", "second", "second")

    assert first.pid == second.pid == again.pid
    assert {row.state for row in (first, second, again)} == {"success"}
    said = line.shop.log(second)
    assert "run1 second" in said
    assert "a@b.c" in line.shop.log(first)
    assert "a@b.c" not in said
    assert "run2 second" in line.shop.log(again)
    (folder,) = (
        each.split()[-1]
        for each in line.shop.log(first).splitlines()
        if "/airflow" in each and "Running" not in each
    )
    assert folder not in said


def test_what_a_command_used_is_its_own(line: Line) -> None:
    """Not that of the one before it in the same process."""
    _, busy, second = line.run("first", "busy", "second")

    assert busy.pid == second.pid
    assert busy.cpu_s > 2 * second.cpu_s > 0
    assert second.peak_rss_bytes > 2**20


@pytest.mark.parametrize("last", ["fails", "dies"])
def test_the_last_in_a_process_is_told_its_own_cpu_time(line: Line, last: str) -> None:
    """Also where only the end of the process tells it."""
    first, busy, ended = line.run("first", "busy", last)

    assert first.pid == busy.pid == ended.pid
    assert busy.cpu_s > 2 * ended.cpu_s > 0


def test_no_attempt_follows_one_that_left_others_running(line: Line) -> None:
    """They would be taken for its own; they live on, as ever."""
    leaves, killed = line.run("leaves", "second")
    left = int((line.shop.home / "left").read_text())

    assert leaves.pid != killed.pid
    line.shop.until(lambda: not is_alive(leaves.pid), "the end of the process")
    assert is_alive(left)
    os.kill(left, signal.SIGKILL)


def test_no_attempt_follows_one_that_was_told_a_secret(line: Line) -> None:
    """That word would be blanked in its log."""
    cipher = metastore.cipher(config.load())
    with writing(line.shop.engine) as conn:
        variables.put(conn, cipher, variables.Variable("api_token", "hello"))
    first, secret, word = line.run("first", "secret", "word")

    assert first.pid == secret.pid != word.pid
    assert "the word is hello" in line.shop.log(word)


def test_a_file_that_each_attempt_imports_has_a_process_for_each(line: Line) -> None:
    line.shop.add((DAGS / "cold.py").read_text(), "cold.py")
    orders = line.shop.order("cold")
    rows = line.shop.run(line.executor, [orders[name] for name in "abcd"])

    assert len({row.pid for row in rows}) == 4
    assert all("imported x\n" in line.shop.log(row) for row in rows)


def test_a_callback_that_forks_ends_its_attempt_once(line: Line) -> None:
    """Its child has no say, and what waits for a slot begins when the callback is over."""
    line.run("first")  # leaves a spare, which could tell
    line.executor.start([line.order("forks"), line.order("marks")])
    line.shop.until(lambda: bool(line.shop.marks("FORKED")), "the child")
    child = int(line.shop.marks("FORKED")[0][1])
    line.shop.until(lambda: not is_alive(child), "the end of the child")
    line.shop.open()
    line.shop.until(lambda: bool(line.shop.marks("MARKED")), "the next command")

    assert line.shop.marks()[-2:] == [["WENT", "ON"], ["MARKED"]]


def test_no_attempt_follows_one_that_took_much_memory(line: Line) -> None:
    """It would be said to have taken that memory."""
    big, second = line.run("big", "second")

    assert big.pid != second.pid
    assert big.peak_rss_bytes > 120 * 2**20 > second.peak_rss_bytes


@pytest.mark.parametrize(
    ("task_id", "state"),
    [
        ("python", "success"),
        ("calls", "success"),
        ("fails", "failed"),
        ("skips", "skipped"),
    ],
)
def test_no_attempt_follows_where_a_trace_may_be_left(line: Line, task_id: str, state: str) -> None:
    """Where Python of the user ran, or anything but a success was the end."""
    before, one, after = line.run("first", task_id, "second")

    assert one.state == state
    assert before.pid == one.pid != after.pid


def test_a_process_that_waits_goes_with_its_zygote(line: Line) -> None:
    """And what comes next has another."""
    (first,) = line.run("first")
    os.kill(parent(first.pid), signal.SIGKILL)
    line.shop.until(lambda: not is_alive(first.pid), "the end of the process")

    (second,) = line.run("second")
    assert second.state == "success"
    assert second.pid != first.pid


def test_a_process_that_died_while_it_waited_is_missed_by_nobody(line: Line) -> None:
    """What comes next has another, also where its order had been given to the dead."""
    (first,) = line.run("first")
    os.kill(first.pid, signal.SIGKILL)

    (second,) = line.run("second")
    assert (second.state, second.try_number) == ("success", 1)
    assert second.pid != first.pid


def test_what_is_over_is_recorded_although_the_zygote_stands_still(line: Line) -> None:
    """And the runner is another one by now: the process that waits does not wait for ever."""
    (first,) = line.run("first")
    zygote = parent(first.pid)
    waits = line.order("waits")
    line.executor.start([waits])
    line.shop.until(lambda: line.shop.tried(waits.key).state == "running", "the second attempt")
    os.kill(zygote, signal.SIGSTOP)
    os.kill(line.shop.runner_pid(), signal.SIGKILL)
    line.shop.executors.clear()
    line.connect()
    line.shop.open()

    (row,) = line.shop.until_ended([waits])
    os.kill(zygote, signal.SIGCONT)
    assert (row.state, row.pid) == ("success", first.pid)
    line.shop.until(lambda: not is_alive(zygote), "the end of the zygote")


def test_the_next_runner_knows_which_of_two_attempts_their_process_has(line: Line) -> None:
    """The first is over, and is recorded while the second runs."""
    first, waits = line.order("first"), line.order("waits")
    lock = sqlite3.connect(line.shop.engine.url.database or "", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")  # nothing is recorded
    line.executor.start([first, waits])
    spool = Spool(line.shop.home / "run" / "attempts")
    line.shop.until(lambda: spool.find_claim(waits.key) is not None, "the second attempt")
    claims = [spool.find_claim(order.key) for order in (first, waits)]
    os.kill(line.shop.runner_pid(), signal.SIGKILL)
    line.shop.executors.clear()
    lock.execute("ROLLBACK")
    lock.close()

    executor = line.connect()
    assert waits.key in line.shop.known
    (row,) = line.shop.until_ended([first])
    assert row.state == "success"
    assert line.shop.tried(waits.key).end_date is None
    line.shop.open()
    (last,) = line.shop.until_ended([waits])

    assert last.state == "success"
    assert {claim.process.pid for claim in claims if claim} == {last.pid}
    executor.leave()


# A brood of this process


class Litter:
    """Children of this process, and what is told of them."""

    def __init__(self, folder: Path) -> None:
        self.told: list[Any] = []
        self.poll = select.poll()
        self.spool = Spool(folder)
        self.brood = Brood(self.poll, self.spool, self.told.append)

    def fork(self, live: Any, start: messages.Start | None) -> int:
        """Make a child with a line."""
        pid, ours = self.brood.fork(live, has_line=True)
        self.brood.add(pid, ours, start)
        return pid

    def hear(self) -> None:
        """Wait for a child to say something, or to end."""
        for fd, _ in self.poll.poll():
            self.brood.hear(fd)


def start_of(number: int, waiting_pid: int = 0) -> messages.Start:
    """Return the order of an attempt."""
    run = RunFacts(0, "d", "r", "manual", DAY, DAY, DAY, file="d.py")
    order = Order(run=run, ti_id=number, try_number=1, task_id="t")
    return messages.Start(order, "log", "blank", waiting_pid=waiting_pid)


def takes_orders(line: brood.Line | None) -> Any:
    """Be a child whose attempts do nothing."""
    assert line is not None
    while line.tell_over(may_stay=True):
        line.next_order()
    os._exit(1)


@pytest.fixture
def litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Litter:
    """Give a brood without children, whatever commands other tests have run in this process."""
    monkeypatch.setattr("flowctl.operators.child._has_left_any", False)
    return Litter(tmp_path)


def test_who_had_an_attempt_before_takes_only_orders_that_name_it(litter: Litter) -> None:
    """The runner may not know yet that the attempt is over, and would signal that process."""
    pid = litter.fork(takes_orders, start_of(1))
    litter.hear()

    assert litter.told[-1] == messages.Reaped(
        (1, 1), 0, litter.told[-1].peak_rss_bytes, litter.told[-1].cpu_s, pid
    )
    assert not litter.brood.give(start_of(2))
    assert litter.brood.give(start_of(2, pid))
    litter.hear()
    assert (litter.told[-1].key, litter.told[-1].waiting_pid) == ((2, 1), pid)
    litter.brood.orphan()
    litter.hear()
    assert not litter.brood


def test_who_waits_too_long_is_let_go(litter: Litter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its memory is of use to others."""
    pid = litter.fork(takes_orders, start_of(1))
    litter.hear()
    litter.brood.dismiss()
    assert litter.brood.give(start_of(2, pid))
    litter.hear()

    monkeypatch.setattr(brood, "IDLE_S", 0.0)
    litter.brood.dismiss()
    assert not litter.brood.give(start_of(3, pid))
    litter.hear()
    assert not litter.brood


def test_the_end_of_an_attempt_without_its_runner_is_left_on_disk(litter: Litter) -> None:
    """Its zygote is still its parent, and its line is cut: it has no second attempt."""
    litter.fork(takes_orders, start_of(1))
    litter.brood.orphan()
    litter.hear()

    seen = litter.spool.exit((1, 1))
    assert seen is not None
    assert not litter.brood
