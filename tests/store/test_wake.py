"""Hints from writers to the scheduler: they arrive, never block and never fail."""

import select
import selectors
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from flowctl.store.engine import create, writing
from flowctl.store.wake import Listener, PostgresListener, SocketListener, Waker, listen

DEADLINE_S = 30.0


def is_woken(listener: Listener, within_s: float = DEADLINE_S) -> bool:
    """Wait as the scheduler does, then drain."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.select(within_s)
    return listener.drain()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home whose path is longer than the address of a Unix socket may be."""
    home = tmp_path / ("h" * 120)
    home.mkdir()
    return home


@pytest.fixture
def new_listener(bare_engine: Engine, home: Path) -> Iterator[Callable[[], Listener]]:
    """Give a maker of listeners that are closed at the end."""
    made: list[Listener] = []

    def new() -> Listener:
        made.append(listen(bare_engine, home))
        return made[-1]

    yield new
    for listener in made:
        listener.close()


def test_a_hint_wakes_every_listener(
    bare_engine: Engine, home: Path, new_listener: Callable[[], Listener]
) -> None:
    first, second = new_listener(), new_listener()

    Waker(bare_engine, home).wake()

    assert is_woken(first)
    assert is_woken(second)
    assert not is_woken(first, within_s=0)


def test_many_hints_never_block_and_are_drained_at_once(
    bare_engine: Engine, home: Path, new_listener: Callable[[], Listener]
) -> None:
    listener, waker = new_listener(), Waker(bare_engine, home)
    for _ in range(500):
        waker.wake()

    assert is_woken(listener)


def test_a_hint_to_nobody_is_no_error(bare_engine: Engine, home: Path) -> None:
    Waker(bare_engine, home).wake()


def test_a_hint_to_a_database_that_is_away_is_no_error(home: Path) -> None:
    Waker(create("postgresql://nobody@127.0.0.1:1/none"), home).wake()


def test_sockets_of_dead_listeners_are_deleted(tmp_path: Path) -> None:
    engine = create(f"sqlite:///{tmp_path / 'flowctl.db'}")
    dead, live = SocketListener(tmp_path), SocketListener(tmp_path)
    dead._socket.close()  # as after a kill: the name stays, nobody answers

    Waker(engine, tmp_path).wake()

    assert is_woken(live)
    assert list(live.path.parent.iterdir()) == [live.path]
    live.close()
    assert list(live.path.parent.iterdir()) == []


def test_a_lost_listening_connection_comes_back_under_the_same_descriptor(
    postgres_url: str,
) -> None:
    """What was missed meanwhile counts as a hint."""
    engine = create(postgres_url)
    listener = PostgresListener(engine)
    descriptor = listener.fileno()
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    with writing(engine) as conn:
        conn.execute(text(kill))

    # the first look may find only the server's farewell, the next one that it has hung up
    assert any(is_woken(listener) for _ in range(3))
    Waker(engine, Path("/nowhere")).wake()

    assert is_woken(listener)
    assert listener.fileno() == descriptor
    listener.close()


def test_a_listener_starts_without_the_server_and_holds_no_pooled_connection(
    postgres_url: str,
) -> None:
    away = PostgresListener(create("postgresql://nobody@127.0.0.1:1/none"))
    assert not away.drain()
    assert select.select([away], [], [], 0)[0] == []
    away.close()

    engine = create(postgres_url)
    listener = PostgresListener(engine)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # QueuePool's
    listener.close()
