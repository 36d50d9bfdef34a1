"""What every executor promises, asked of each with real processes on a real metastore."""

from collections import Counter
from datetime import datetime
from functools import partial
from itertools import accumulate

import pytest

from flowctl import clock
from flowctl.core.attempt import Order
from flowctl.core.states import TaskState
from flowctl.executors.contract import Executor
from flowctl.runner.messages import TaskFact
from flowctl.scheduler.callbacks import Callbacks
from tests.executors.conftest import Connect
from tests.support.workshop import Workshop, is_alive

SQLITE = ("SequentialExecutor", "LocalExecutor", "DebugExecutor")
ROOM = {"SequentialExecutor": 1, "LocalExecutor": 3}

each = pytest.mark.parametrize(
    ("executor_name", "shop"),
    [*((name, "sqlite") for name in SQLITE), ("LocalExecutor", "postgres")],
    indirect=["shop"],
)
with_processes = pytest.mark.parametrize(
    ("executor_name", "shop"),
    [*((name, "sqlite") for name in ROOM), ("LocalExecutor", "postgres")],
    indirect=["shop"],
)
"""Those whose attempts are processes of their own: only these can be killed, or outlive them."""


@each
def test_an_attempt_runs_once_however_often_it_is_ordered(
    shop: Workshop, executor: Executor
) -> None:
    """Twice in one message, and in a second one."""
    orders = list(shop.order("many").values())
    executor.start([*orders, *orders])
    executor.start(orders)
    rows = shop.until_ended(orders)
    shop.run(executor, list(shop.order("called").values()))  # whatever came before had its turn

    assert {row.state for row in rows} == {"success"}
    expected = {f"t{n}": 1 for n in range(8)} | {"t": 1}
    assert Counter(line[1] for line in shop.marks("START")) == expected


@each
def test_facts_say_all_that_moved_with_its_revision(shop: Workshop, executor: Executor) -> None:
    """The revisions of a run follow each other without a gap, up to that in the metastore."""
    orders = list(shop.order("many").values())
    before = shop.rows("SELECT revision FROM dag_run")[0].revision
    shop.run(executor, orders)
    after = shop.rows("SELECT revision FROM dag_run")[0].revision
    shop.until(lambda: after in [fact.revision for facts in shop.heard for fact in facts.runs])

    told = [fact for facts in shop.heard for fact in facts.runs]
    assert [fact.revision for fact in told] == list(range(before + 1, after + 1))
    assert all(fact.is_all for fact in told)
    last = {(t.ti_id, t.try_number): t.state for fact in told for t in fact.tasks}
    assert last == {order.key: TaskState.SUCCESS for order in orders}


@each
def test_an_unknown_attempt_cannot_be_killed(shop: Workshop, executor: Executor) -> None:
    """And that is no trouble for the others."""
    executor.kill([(12345, 1)], "nobody knows it")
    orders = list(shop.order("many").values())

    assert {row.state for row in shop.run(executor, orders)} == {"success"}


@each
def test_what_waits_can_be_killed_before_it_starts(shop: Workshop, executor: Executor) -> None:
    """It ends with the reason, and never runs."""
    orders = shop.order("held")
    executor.start(list(orders.values()))
    executor.kill([orders["h7"].key], "somebody ended it")
    shop.open()
    rows = shop.until_ended(list(orders.values()))

    assert [row.state for row in rows] == ["success"] * 7 + ["failed"]
    assert rows[-1].reason == "somebody ended it"
    assert "h7" not in {line[1] for line in shop.marks("START")}


@with_processes
def test_no_more_attempts_run_than_there_is_room(
    shop: Workshop, executor: Executor, executor_name: str
) -> None:
    """The others wait for their turn, and get it."""
    room = ROOM[executor_name]
    orders = list(shop.order("held").values())
    executor.start(orders)
    shop.until(lambda: len(shop.marks("START")) >= room)

    running = "SELECT count(*) AS n FROM task_instance WHERE state = 'running'"
    shop.until(lambda: shop.rows(running)[0].n == room)
    assert len(shop.marks("START")) == room
    shop.open()
    shop.until_ended(orders)
    steps = [1 if line[0] == "START" else -1 for line in shop.marks()]
    assert max(accumulate(steps)) == room


@with_processes
@pytest.mark.parametrize("name", ["polite", "stubborn"])
def test_a_kill_takes_everything_that_the_attempt_started(
    shop: Workshop, executor: Executor, name: str
) -> None:
    """Also what left its process group, and also where SIGTERM is ignored."""
    order = shop.order("family")[name]
    executor.start([order])
    shop.until(lambda: bool(shop.marks("FAMILY")))
    family = [int(word) for word in shop.marks("FAMILY")[0][1:]]
    assert all(map(is_alive, family))

    executor.kill([order.key], "somebody ended it")
    (row,) = shop.until_ended([order])

    assert row.state == "failed"
    shop.until(lambda: not any(map(is_alive, family)), "the end of all it started")
    if name == "stubborn":
        assert (row.reason, row.signal) == ("somebody ended it", 9)


@with_processes
def test_attempts_outlive_the_executor_that_started_them(
    shop: Workshop, connect: Connect, executor: Executor
) -> None:
    """The next one knows them, and hears how they end."""
    order = shop.order("held")["h0"]
    executor.start([order])
    shop.until(lambda: bool(shop.marks("START")))
    shop.executors.remove(executor)
    executor.leave()

    successor = connect()
    assert shop.known == {order.key}
    successor.start([order])  # as a scheduler does that does not trust its memory
    shop.open()
    (row,) = shop.until_ended([order])

    assert row.state == "success"
    assert row.pid == int(shop.marks("START")[0][3])
    assert len(shop.marks("START")) == 1
    shop.until(lambda: any(facts.runs for facts in shop.heard))


@each
def test_the_callback_of_a_run_is_called_once(shop: Workshop, executor: Executor) -> None:
    """In a try of its own, which the facts say has ended."""
    shop.run(executor, list(shop.order("called").values()))
    assert shop.due() == {}  # but the run has ended now
    chosen = Callbacks(shop.engine, executor, shop.term)
    chosen.start(clock.utcnow())
    chosen.start(clock.utcnow())
    shop.until(lambda: any(facts.callbacks_ended for facts in shop.heard))

    assert [line[1] for line in shop.marks("RUN")] == ["run1"]
    assert shop.rows("SELECT * FROM callback") == []


def _waits(shop: Workshop, try_number: int) -> bool:
    return bool(_waiting(shop, try_number))


def _is_due(shop: Workshop, found: dict[str, Order]) -> bool:
    found.update(shop.due())
    return bool(found)


def _waiting(shop: Workshop, number: int) -> list[TaskFact]:
    """Return what was heard of a start of that number that waits."""
    heard = [task for facts in shop.heard for fact in facts.runs for task in fact.tasks]
    return [task for task in heard if task.retry_at is not None and task.try_number == number]


@each
def test_a_sensor_looks_again_in_the_same_try(shop: Workshop, executor: Executor) -> None:
    """Each look is an attempt of its own; what it left, its start and its log go on."""
    order = shop.order("looking")["looks"]
    since: set[datetime | None] = set()
    for _ in range(2):
        (row,) = shop.run(executor, [order])
        assert row.state == "up_for_reschedule"
        number = row.try_number
        shop.until(partial(_waits, shop, number), "the news that it waits")
        since.add(_waiting(shop, number)[0].waiting_since)
        due: dict[str, Order] = {}
        shop.until(partial(_is_due, shop, due), "its next look")
        order = due["looks"]
    (row,) = shop.run(executor, [order])

    assert (row.state, row.try_number, row.resumed) == ("success", 3, 2)
    looks = shop.marks("LOOK")
    assert [look[1:4] for look in looks] == [["1", "1", "1"], ["2", "1", "1"], ["3", "1", "1"]]
    assert {datetime.fromisoformat(look[4]) for look in looks} == since
