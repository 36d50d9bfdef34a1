"""Statements that are sent together: the same answers on each database, and few of them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, bindparam, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from flowctl.core.attempt import Ended, Outcome
from flowctl.core.fulfilment import absorb
from flowctl.core.spec import TaskSpec
from flowctl.core.states import TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from flowctl.scheduler.memory import Memory
from flowctl.store import lease, one_message, outcomes, plans, schema
from flowctl.store.engine import Options, create, is_transient, reading, writing
from flowctl.store.prepared import Prepared
from flowctl.store.together import together
from flowctl.store.wake import Waker
from tests.scheduler.sites import NOW, add_run, define
from tests.store.rows import lead

POOL = schema.pool.c
ADD = Prepared(
    insert(schema.pool).values(
        name=bindparam("called"), slots=bindparam("size"), include_deferred=False
    )
)
GROW = Prepared(
    update(schema.pool)
    .where(POOL.name == bindparam("called"))
    .values(slots=POOL.slots + bindparam("more"))
)
SLOTS = Prepared(select(POOL.slots).where(POOL.name == bindparam("called")))


def test_each_statement_sees_what_those_before_it_did(conn: Connection) -> None:
    with together(conn) as batch:
        batch.run(ADD, [{"called": "a", "size": 1}, {"called": "b", "size": 2}])
        grown = batch.run(GROW, [{"called": name, "more": 5} for name in ("a", "b", "c")])
        slots = batch.run(SLOTS, [{"called": "a"}])

    assert (grown.rowcount, slots.all()) == (2, [(6,)])


def test_a_refused_statement_is_an_error_of_the_store(engine: Engine) -> None:
    """Nothing of the unit of work is kept, and the next one can begin."""

    def add_twice() -> None:
        with writing(engine) as conn, together(conn) as batch:
            batch.run(ADD, [{"called": "a", "size": 1}])
            batch.run(ADD, [{"called": "a", "size": 1}])

    with pytest.raises(IntegrityError):
        add_twice()

    with reading(engine) as conn:
        assert "a" not in set(conn.scalars(select(POOL.name)))


@pytest.fixture
def pg_engine(engine: Engine) -> Engine:
    """Give an engine on PostgreSQL only."""
    if engine.dialect.name != "postgresql":
        pytest.skip("only PostgreSQL has connections to lose, and round trips")
    return engine


def test_a_lost_connection_is_known_as_such_and_replaced(pg_engine: Engine) -> None:
    def cut_off() -> None:
        with writing(pg_engine) as conn:
            pid = conn.scalar(text("SELECT pg_backend_pid()"))
            with writing(pg_engine) as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            with together(conn) as batch:
                batch.run(SLOTS, [{"called": "a"}])

    with pytest.raises(DBAPIError) as caught:
        cut_off()

    assert is_transient(caught.value)
    with reading(pg_engine) as conn:
        assert conn.scalar(select(1)) == 1


# The way from the end of one task to the start of the next


class Chain:
    """A scheduler and a runner at work on a long chain; what a task does is nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with writing(engine) as conn:
            lead(conn)
            tasks = [TaskSpec(f"t{i}", upstream=(f"t{i - 1}",) if i else ()) for i in range(9)]
            define(conn, "d", *tasks)
            add_run(conn, "d", -1)
        self.world = World(parallelism=8)
        self.memory = Memory(self.world)
        with reading(engine) as conn:
            self.memory.refresh(conn)
        self.now = NOW

    def tick(self) -> None:
        """Start the next task."""
        self.now += timedelta(seconds=1)
        self.plan = decide(self.world, self.now)
        with writing(self.engine) as conn:
            applied = plans.apply(conn, self.plan, self.world, 1, self.now)
        assert applied.moved == {move.ti_id for move in self.plan.moves}
        absorb(self.world, self.plan, self.now)
        for pk, revision in applied.revisions.items():
            self.memory.raise_revision(self.world.runs[pk], revision)

    def commit(self) -> None:
        """Record that it ended."""
        (move,) = self.plan.starts
        outcome = Outcome(move.ti_id, move.try_number, TaskState.SUCCESS, self.now, self.now)
        ended = [Ended(move.run_pk, outcome, "1.log")]
        with writing(self.engine) as conn:
            recorded = outcomes.record(conn, [], ended, self.now)
        assert not recorded.surprises
        self.world.change(self.world.by_id[move.ti_id], TaskState.SUCCESS)
        self.memory.raise_revision(self.world.runs[move.run_pk], recorded.revisions[move.run_pk])


@pytest.fixture
def chain(engine: Engine) -> Chain:
    """Give a chain whose first tasks have run, so that every statement is known."""
    chain = Chain(engine)
    for _ in range(2):
        chain.tick()
        chain.commit()
    return chain


@contextmanager
def trips(engine: Engine, file: Path) -> Iterator[Callable[[], int]]:
    """Count how often PostgreSQL is waited for: each time it says that it is ready."""
    fd = os.open(file, os.O_CREAT | os.O_WRONLY)

    def spy(raw: Any, *_: object) -> None:
        raw.pgconn.trace(fd)

    def leave(raw: Any, *_: object) -> None:
        raw.pgconn.untrace()  # which writes the rest

    event.listen(engine, "checkout", spy)
    event.listen(engine, "checkin", leave)
    yield lambda: file.read_text().count("ReadyForQuery")
    event.remove(engine, "checkout", spy)
    event.remove(engine, "checkin", leave)
    os.close(fd)


def test_a_step_of_a_chain_is_few_round_trips(
    pg_engine: Engine, chain: Chain, tmp_path: Path
) -> None:
    """A statement that is added to the way between two tasks is seen here."""
    with trips(pg_engine, tmp_path / "tick") as count:
        chain.tick()
        assert count() == 2
    with trips(pg_engine, tmp_path / "commit") as count:
        chain.commit()
        assert count() == 2


def test_a_deposed_leader_starts_nothing(chain: Chain) -> None:
    with writing(chain.engine) as conn:
        conn.execute(update(schema.lease).values(term=2))

    with pytest.raises(lease.Deposed):
        chain.tick()

    with reading(chain.engine) as conn:
        states = set(conn.scalars(select(schema.task_instance.c.state)))
    assert states == {"success", "none"}


# One message, with the BEGIN of its transaction


@pytest.fixture
def one(pg_engine: Engine) -> Iterator[Engine]:
    """Give an engine that has one connection, so that each transaction follows another on it."""
    engine = create(pg_engine.url.render_as_string(False), Options(pool_size=1, max_overflow=0))
    yield engine
    engine.dispose()


def add_two(conn: Connection, *names: str) -> None:
    with together(conn) as batch:
        for name in names:
            batch.run(ADD, [{"called": name, "size": 1}])


def names(engine: Engine) -> set[str]:
    with reading(engine) as conn:
        return set(conn.scalars(select(POOL.name)))


def isolation(conn: Connection) -> list[str]:
    asked = (text(f"SHOW transaction_{name}") for name in ("isolation", "read_only"))
    return [conn.scalar(each) or "" for each in asked]


def test_a_transaction_is_isolated_as_it_should_be(one: Engine) -> None:
    """One that reads sees one moment and may not write, also where a message begins it."""
    for number in range(2):
        with writing(one) as conn:
            add_two(conn, f"a{number}", f"b{number}")
            assert isolation(conn) == ["read committed", "off"]
        with reading(one) as conn, together(conn) as batch:
            batch.run(SLOTS, [{"called": "a"}, {"called": "b"}])
        with reading(one) as conn:
            with together(conn) as batch:
                batch.run(SLOTS, [{"called": "a"}, {"called": "b"}])
            assert isolation(conn) == ["repeatable read", "on"]


def test_many_rows_go_in_several_messages_of_one_transaction(one: Engine) -> None:
    rows = [{"called": f"many{number}", "size": 1} for number in range(600)]
    with writing(one) as conn, together(conn) as batch:
        added = batch.run(ADD, rows)
        grown = batch.run(GROW, [{"called": "many599", "more": 5}, {"called": "none", "more": 1}])
        slots = batch.run(SLOTS, [{"called": "many599"}])

    assert (added.rowcount, grown.rowcount, slots.all()) == (600, 1, [(6,)])


def test_what_the_configuration_says_of_isolation_holds(pg_engine: Engine) -> None:
    strict = Options(engine_args={"isolation_level": "SERIALIZABLE"})
    engine = create(pg_engine.url.render_as_string(False), strict)
    with writing(engine) as conn:
        add_two(conn, "a", "b")
        assert isolation(conn)[0] == "serializable"
    engine.dispose()


def test_what_comes_after_a_message_is_of_its_transaction(one: Engine) -> None:
    """However it began, and also after a savepoint that nothing is kept of."""

    def add(is_first: bool) -> None:
        with writing(one) as conn:
            if not is_first:
                conn.execute(select(1))
            add_two(conn, "a", "b")
            with pytest.raises(IntegrityError), conn.begin_nested():
                add_two(conn, "d", "d")
            conn.execute(insert(schema.pool).values(name="c", slots=1, include_deferred=False))
            raise ArithmeticError

    for is_first in (True, False, True):
        with pytest.raises(ArithmeticError):
            add(is_first)
        assert not names(one) & {"a", "b", "c", "d"}


def test_a_message_that_makes_no_sense_leaves_no_trace(one: Engine) -> None:
    """It is refused before its BEGIN."""
    wrong = Prepared(text("SELEC :x"))

    def ask(conn: Connection) -> None:
        with together(conn) as batch:
            batch.run(ADD, [{"called": "a", "size": 1}])
            batch.run(wrong, [{"x": 1}])

    def add() -> None:
        with writing(one) as conn:
            with pytest.raises(DBAPIError):
                ask(conn)
            conn.execute(insert(schema.pool).values(name="c", slots=1, include_deferred=False))
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        add()
    assert not names(one) & {"a", "c"}


def test_who_asks_for_no_transaction_has_none_after_a_message(one: Engine) -> None:
    """As whoever wakes others does: what he says is heard at once."""
    with writing(one) as conn:
        add_two(conn, "a", "b")
    with one.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(insert(schema.pool).values(name="c", slots=1, include_deferred=False))

    assert {"a", "b", "c"} <= names(one)


# Statements that the server keeps, so that it plans them once


def kept(engine: Engine) -> list[str]:
    """Return the statements that flowctl has the server keep for the next connection."""
    with reading(engine) as conn:
        asked = "SELECT statement FROM pg_prepared_statements WHERE from_sql ORDER BY name"
        return list(conn.scalars(text(asked)))


def test_the_server_keeps_a_statement_for_the_next_message(one: Engine) -> None:
    for number in range(3):
        with writing(one) as conn:
            add_two(conn, f"a{number}", f"b{number}")

    (statement,) = kept(one)
    assert "INSERT INTO pool" in statement


def test_a_statement_whose_first_message_failed_can_be_executed_later(one: Engine) -> None:
    """The server refused the message before it came to keep that statement, or after."""
    wrong = Prepared(text("SELECT nonsense FROM pool WHERE name = :x"))

    def ask(*, is_right_first: bool) -> None:
        with writing(one) as conn, together(conn) as batch:
            if is_right_first:
                batch.run(ADD, [{"called": "a", "size": 1}])
            batch.run(wrong, [{"x": "a"}])
            batch.run(SLOTS, [{"called": "a"}])
            batch.run(ADD, [{"called": "b", "size": 1}])

    for is_right_first in (False, True, False):
        with pytest.raises(ProgrammingError, match="nonsense"):
            ask(is_right_first=is_right_first)
    with writing(one) as conn:
        add_two(conn, "c", "d")

    assert names(one) & {"a", "b", "c", "d"} == {"c", "d"}


def prepare_by_the_driver(conn: Connection) -> None:
    """Have the server keep a statement of the driver, too; at a rollback it ends all that is."""
    for _ in range(9):
        conn.execute(select(POOL.slots).where(POOL.name == "a"))


def test_what_the_driver_ends_after_a_rollback_is_kept_anew(one: Engine) -> None:
    def fail() -> None:
        with writing(one) as conn:
            prepare_by_the_driver(conn)
            add_two(conn, "a", "a")

    for number in range(3):
        with pytest.raises(IntegrityError):
            fail()
        with writing(one) as conn:
            add_two(conn, f"c{number}", f"d{number}")
        assert len(kept(one)) == 1
    assert names(one) >= {"c0", "d0", "c1", "d1", "c2", "d2"}


def test_nor_does_the_end_of_a_savepoint_matter(one: Engine) -> None:
    for number in range(3):
        with writing(one) as conn:
            prepare_by_the_driver(conn)
            with pytest.raises(IntegrityError), conn.begin_nested():
                add_two(conn, "a", "a")
            add_two(conn, f"c{number}", f"d{number}")
        assert len(kept(one)) == 1
    assert names(one) >= {"c0", "d0", "c1", "d1", "c2", "d2"}


def test_what_is_kept_holds_no_values(one: Engine) -> None:
    """The server would keep them as long as the statement."""
    with writing(one) as conn:
        add_two(conn, "a secret", "b")

    assert "secret" not in "".join(kept(one))


def test_a_message_that_fails_again_and_again_leaves_nothing_more(one: Engine) -> None:
    for _ in range(5):
        with pytest.raises(IntegrityError), writing(one) as conn:
            add_two(conn, "a", "a")

    assert len(kept(one)) == 1


def test_nothing_is_asked_after_what_rolls_nothing_back(one: Engine, tmp_path: Path) -> None:
    """As to wake others does, in no transaction."""
    with writing(one) as conn:
        add_two(conn, "a", "b")
    Waker(one, tmp_path).wake()

    with trips(one, tmp_path / "trips") as count:
        with writing(one) as conn:
            add_two(conn, "c", "d")
        assert count() == 2


def test_values_are_told_by_their_names(one: Engine) -> None:
    asked = "SELECT %(a)s::INTEGER, %(b)s::INTEGER"
    with writing(one) as conn:
        first = one_message.send(conn, [(asked, {"a": 1, "b": 2})])
        other = one_message.send(conn, [(asked, {"b": 2, "a": 1})])

    assert [found.rows for found in first + other] == [[(1, 2)], [(1, 2)]]


def test_a_statement_may_have_no_values(conn: Connection) -> None:
    with together(conn) as batch:
        answer = batch.run(Prepared(text("SELECT 1")), [{}])

    assert answer.all() == [(1,)]


def test_a_new_connection_keeps_nothing_yet(one: Engine) -> None:
    with writing(one) as conn:
        add_two(conn, "a", "b")
    with one.connect() as conn:
        conn.invalidate()
    with writing(one) as conn:
        add_two(conn, "c", "d")

    assert len(kept(one)) == 1
    assert names(one) >= {"c", "d"}


def test_nothing_is_kept_where_the_server_may_be_another_each_time(pg_engine: Engine) -> None:
    """As the driver is told behind a pooler of connections."""
    options = Options(pool_size=1, connect_args={"prepare_threshold": None})
    engine = create(pg_engine.url.render_as_string(False), options)
    with writing(engine) as conn:
        for value in VALUES:
            add_two(conn, value, value + "2")

    assert kept(engine) == []
    assert names(engine) >= set(VALUES)
    engine.dispose()


@pytest.fixture
def latin_url(pg_engine: Engine) -> Iterator[str]:
    """Give the address of a database that is not in UTF-8."""
    with pg_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0")
        yield pg_engine.url.set(database="latin").render_as_string(False)
        conn.exec_driver_sql("DROP DATABASE latin")


@pytest.mark.parametrize("threshold", [5, None])
def test_a_text_arrives_in_a_database_of_another_encoding(
    latin_url: str, threshold: int | None
) -> None:
    options = Options(connect_args={"prepare_threshold": threshold})
    engine = create(latin_url, options)
    schema.pool.create(engine)
    with writing(engine) as conn:
        add_two(conn, "café", "naïve")

    assert names(engine) == {"café", "naïve"}
    engine.dispose()


VALUES = [
    "it's",
    'a"b',
    "back\\slash\\",
    "100% %s %(x)s",
    ":colon",
    "semi;--x",
    "/* c",
    "é😀",
    "$1",
]


@pytest.mark.parametrize("strings", ["on", "off"])
def test_any_text_can_be_in_a_message(one: Engine, strings: str) -> None:
    """Whichever way the server reads backslashes."""
    with writing(one) as conn:
        conn.exec_driver_sql(f"SET LOCAL standard_conforming_strings = {strings}")
        for value in VALUES:
            add_two(conn, value, value + "2")

    assert names(one) >= {name for value in VALUES for name in (value, value + "2")}


def test_a_value_that_cannot_be_written_is_an_error_of_the_store(one: Engine) -> None:
    """One with a NUL, which PostgreSQL does not have in texts."""

    def add() -> None:
        with writing(one) as conn:
            add_two(conn, "a\0b", "c")

    with pytest.raises(DBAPIError):
        add()
