"""Zygotes are kept as long as they are needed, and a little longer."""

import os
import selectors
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flowctl import config
from flowctl.core.attempt import Order
from flowctl.runner import messages, nursery, settings
from flowctl.runner.blanks import Blanks
from flowctl.runner.nursery import Nursery
from flowctl.runner.spool import Key
from tests.support.workshop import Workshop, is_alive

FILE = """
import os
from airflow import DAG
from airflow.operators.python import PythonOperator
from marks import mark
with DAG("{0}", schedule=None):
    PythonOperator(task_id="t", python_callable=lambda: mark("PARENT", os.getppid(), os.getpid()))
"""


def sockets(pid: int) -> set[str]:
    """Return the names of the sockets that a process holds open."""
    found = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(os.readlink(fd))
    return {name for name in found if name.startswith("socket:")}


class Place:
    """A nursery in this process, and what its zygotes said."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.ended: set[Key] = set()
        self.zygotes_lost = 0
        self.selector = selectors.DefaultSelector()
        self.blanks = Blanks(shop.home / "run" / "attempts")
        self.nursery = Nursery(settings.read(config.load()), shop.engine, self.selector, self)

    def forked(self, message: messages.Forked) -> None:
        """The attempt itself says who its parent is."""

    def reaped(self, message: messages.Reaped) -> bool:
        """Remember that an attempt ended."""
        self.ended.add(message.key)
        return True

    def orphaned(self, keys: list[Key]) -> None:
        """Those that are killed here have no attempts."""
        assert not keys
        self.zygotes_lost += 1

    def run(self, order: Order) -> int:
        """Have an attempt run to its end; return the process id of its zygote."""
        self.nursery.start(order, str(self.shop.home / "log"), self.blanks.take(order.key))
        self.shop.until(lambda: self.has_ended(order.key))
        return int(self.shop.marks("PARENT")[-1][1])

    def spare(self, zygote: int) -> int:
        """Return the process id of the only child of a zygote, once it has let go of its line."""
        listing = Path(f"/proc/{zygote}/task/{zygote}/children")
        self.shop.until(lambda: bool(listing.read_text()), "a spare")
        pid = int(listing.read_text())
        self.shop.until(lambda: not sockets(zygote) & sockets(pid), "a spare with its own line")
        return pid

    def has_ended(self, key: Key) -> bool:
        """Listen for a moment; say whether an attempt has ended."""
        for found, events in self.selector.select(0.02):
            found.data(found.fileobj, events)
        return key in self.ended

    def order(self, dag_id: str) -> Order:
        """Return an order of a DAG that has a file of its own."""
        if not (self.shop.home / "dags" / f"{dag_id}.py").exists():
            self.shop.add(FILE.format(dag_id), f"{dag_id}.py")
        return self.shop.order(dag_id)["t"]


@pytest.fixture
def place(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Give a nursery without zygotes."""
    shop = Workshop.make(tmp_path, sqlite_url, monkeypatch)
    (shop.home / "run" / "attempts").mkdir(parents=True)
    made = Place(shop)
    yield made
    made.nursery.close()
    shop.close()


def test_attempts_of_one_file_share_a_zygote(place: Place) -> None:
    """Those of another file have another."""
    first = place.run(place.order("one"))
    place.nursery.retire()

    assert place.run(place.order("one")) == first
    assert place.run(place.order("two")) != first


def test_the_next_of_a_chain_begins_in_the_spare(place: Place) -> None:
    """Its process was there before its order."""
    first, second = place.order("one"), place.order("one")
    spare = place.spare(place.run(first))
    place.run(second)  # right away: a spare is not kept for long

    assert int(place.shop.marks("PARENT")[-1][2]) == spare


def test_a_killed_zygote_is_missed_although_its_spare_stands_still(place: Place) -> None:
    """A suspended process must not hold the zygote's line open."""
    zygote = place.run(place.order("one"))
    spare = place.spare(zygote)
    os.kill(spare, signal.SIGSTOP)
    os.kill(zygote, signal.SIGKILL)
    try:
        place.shop.until(lambda: place.has_ended((0, 0)) or place.zygotes_lost == 1)
    finally:
        os.kill(spare, signal.SIGKILL)


def test_an_idle_zygote_goes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next attempt of that file gets a new one."""
    first = place.run(place.order("one"))
    monkeypatch.setattr(nursery, "IDLE_S", 0.0)
    place.nursery.retire()
    place.shop.until(lambda: not is_alive(first), "the end of the zygote")

    assert place.run(place.order("one")) != first


def test_a_file_is_imported_again_once_its_import_is_old(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its top level found, today's date perhaps, must not be an old one."""
    first = place.run(place.order("one"))
    monkeypatch.setattr(nursery, "FRESH_S", 0.0)
    second = place.run(place.order("one"))
    place.nursery.retire()

    assert second != first
    place.shop.until(lambda: not is_alive(first), "the end of the old zygote")
    assert is_alive(second)


def test_above_the_limit_the_one_goes_that_was_needed_longest_ago(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the one that was hatched first."""
    monkeypatch.setattr(nursery, "ZYGOTES_MAX", 2)
    one, two = place.run(place.order("one")), place.run(place.order("two"))
    assert place.run(place.order("one")) == one
    three = place.run(place.order("three"))
    place.nursery.retire()
    place.shop.until(lambda: not is_alive(two), "the end of the zygote")

    assert is_alive(one)
    assert is_alive(three)


def test_a_zygote_with_an_attempt_stays(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the attempt takes, and however many there are."""
    monkeypatch.setattr(nursery, "IDLE_S", -1.0)
    monkeypatch.setattr(nursery, "ZYGOTES_MAX", 0)
    order = place.order("one")
    place.nursery.start(order, str(place.shop.home / "log"), place.blanks.take(order.key))
    place.nursery.retire()
    place.shop.until(lambda: place.has_ended(order.key))

    assert place.ended == {order.key}
