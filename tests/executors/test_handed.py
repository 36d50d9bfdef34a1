"""What the runner hands over is written once: by the leader, or by the runner if he does not."""

import os
import selectors
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowctl import clock
from flowctl.core.attempt import Ended, Order, Outcome
from flowctl.core.plan import Plan
from flowctl.core.states import TaskState
from flowctl.core.world import World
from flowctl.executors.contract import Executor
from flowctl.executors.local import ENDS_KEPT, LocalExecutor
from flowctl.runner.blanks import ENDING
from flowctl.runner.messages import Facts, RunFact, TaskFact
from flowctl.store import plans
from flowctl.store.engine import writing
from tests.executors.conftest import Connect
from tests.support.workshop import DEADLINE_S, Workshop

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

on_both = pytest.mark.parametrize("shop", ["sqlite", "postgres"], indirect=True)


def handed(executor: Executor, orders: list[Order]) -> list[Ended]:
    """Have attempts run, and return what is handed over of them."""
    executor.start(orders)
    found: list[Ended] = []
    give_up = time.monotonic() + DEADLINE_S
    with selectors.DefaultSelector() as selector:
        selector.register(executor, selectors.EVENT_READ)
        while len(found) < len(orders):
            assert time.monotonic() < give_up
            selector.select(0.02)
            found += [entry for facts in executor.facts() for entry in facts.handed]
    return found


def write(shop: Workshop, ended: list[Ended]) -> None:
    """Write as a leader does."""
    with writing(shop.engine) as conn:
        world = World(parallelism=1)
        plans.apply(conn, Plan(), world, shop.term, clock.utcnow(), ended=ended)


def kept(shop: Workshop) -> list[str]:
    """Return the files of attempts that the runner still needs."""
    names = os.listdir(shop.home / "run" / "attempts")
    return [name for name in names if not name.endswith(ENDING)]


def revision(shop: Workshop) -> int:
    return int(shop.rows("SELECT revision FROM dag_run")[0].revision)


@on_both
def test_what_the_leader_wrote_needs_nothing_more(shop: Workshop, executor: Executor) -> None:
    orders = list(shop.order("many").values())
    before = revision(shop)
    ended = handed(executor, orders)
    assert not any(shop.tried(order.key).end_date for order in orders)

    write(shop, ended)
    executor.start([], [entry.key for entry in ended])
    shop.until(lambda: not kept(shop), "the files to be cleared away")

    assert executor.connect(shop.term) == set()
    rows = [shop.tried(order.key) for order in orders]
    assert {row.state for row in rows} == {"success"}
    assert all(row.pid and row.host and row.log_path for row in rows)
    assert revision(shop) == before + 1


@on_both
@pytest.mark.parametrize("how", ["says nothing", "gives back", "goes"])
def test_what_the_leader_does_not_write_the_runner_writes(
    shop: Workshop, executor: Executor, how: str
) -> None:
    """It need not be asked: a leader may be suspended, or killed."""
    orders = list(shop.order("many").values())
    ended = handed(executor, orders)
    if how == "gives back":
        executor.give_back([entry.key for entry in ended])
    elif how == "goes":
        executor.leave()
        shop.executors.clear()

    assert {row.state for row in shop.until_ended(orders)} == {"success"}
    shop.until(lambda: not kept(shop), "the files to be cleared away")


def test_an_end_is_counted_once_although_it_is_told_twice(tmp_path: Path) -> None:
    """How many orders may stand in line follows the pace of the ends."""
    executor = LocalExecutor(tmp_path, slots=8)
    keys = [(number, 1) for number in range(ENDS_KEPT)]
    facts = [TaskFact(*key, TaskState.SUCCESS) for key in keys[1:]]
    outcomes = [Outcome(*key, TaskState.SUCCESS, NOW, NOW) for key in keys[1:]]
    executor._note_ends([Facts([], handed=[Ended(1, outcome, "") for outcome in outcomes])])
    executor._note_ends([Facts([RunFact(1, 2, facts)])])
    assert executor.ahead == 0

    executor._note_ends([Facts([RunFact(1, 3, [TaskFact(*keys[0], TaskState.SUCCESS)])])])
    assert executor.ahead > 0


@on_both
def test_a_runner_that_dies_before_it_hears_finds_out(
    shop: Workshop, executor: Executor, connect: Connect
) -> None:
    """The next one tells what is on its disk; nothing is written a second time."""
    orders = list(shop.order("many").values())
    write(shop, handed(executor, orders))
    rows = [shop.tried(order.key) for order in orders]
    os.kill(shop.runner_pid(), signal.SIGKILL)
    shop.executors.clear()
    connect()
    shop.until(lambda: not kept(shop), "the files to be cleared away")

    assert [shop.tried(order.key) for order in orders] == rows
    assert {row.state for row in rows} == {TaskState.SUCCESS.value}
    assert len(shop.marks("START")) == len(orders)
