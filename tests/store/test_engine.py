"""Addresses, units of work, and trouble with the database."""

import multiprocessing
import os
import socket
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from flowctl.store.engine import (
    PAUSE_MAX_S,
    MetastoreError,
    Options,
    create,
    in_words,
    is_transient,
    parse_url,
    reading,
    retrying,
    writing,
)
from tests.support.postgres import Server

SPAWN = multiprocessing.get_context("spawn")


@pytest.mark.parametrize(
    "spelling",
    ["postgres", "postgresql", "postgresql+psycopg2", "postgres+psycopg2", "postgresql+psycopg"],
)
def test_every_spelling_of_postgresql_means_psycopg_3(spelling: str) -> None:
    assert parse_url(f"{spelling}://ann:x@db/flow").drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root@db/airflow", "cannot use 'mysql'"),
        ("mssql+pyodbc://sa@db/airflow", "cannot use 'mssql.pyodbc'"),
        ("sqlite:///flowctl.db", "'flowctl.db' is not an absolute path"),
        ("sqlite://", "':memory:' is not an absolute path"),
        ("nonsense", "is not a database address"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_a_reason(url: str, words: str) -> None:
    with pytest.raises(MetastoreError, match=words):
        create(url)


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(MetastoreError, match=r"pip install 'flowctl\[postgres\]'"):
        create("postgresql://ann@db/flow")


def test_a_new_sqlite_file_is_private_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "flowctl.db"
    with writing(create(f"sqlite:///{path}")) as conn:
        conn.execute(text("CREATE TABLE t (n INTEGER)"))

        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
        assert conn.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert conn.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_options_reach_the_connection(postgres_url: str) -> None:
    options = Options(application_name="a test", connect_args={"connect_timeout": 3}, schema="own")
    with reading(create(postgres_url, options)) as conn:
        assert conn.execute(text("SHOW application_name")).scalar() == "a test"
        assert conn.execute(text("SHOW search_path")).scalar() == "own"
        assert conn.execute(text("SHOW timezone")).scalar() == "UTC"


def test_what_reads_cannot_write_and_sees_one_moment(engine: Engine) -> None:
    insert = text("INSERT INTO instance (name, value) VALUES ('a', 'b')")
    count = text("SELECT count(*) FROM instance")
    with reading(engine) as reader:
        before = reader.execute(count).scalar()
        with writing(engine) as writer:
            writer.execute(insert)
        assert reader.execute(count).scalar() == before
        with pytest.raises(DBAPIError):
            reader.execute(insert)
    with reading(engine) as reader:
        assert reader.execute(count).scalar() == (before or 0) + 1


def test_an_error_rolls_the_unit_of_work_back(engine: Engine) -> None:
    with suppress(KeyError), writing(engine) as conn:
        conn.execute(text("DELETE FROM instance"))
        raise KeyError
    with reading(engine) as conn:
        assert conn.execute(text("SELECT count(*) FROM instance")).scalar() == 1


def _count_up(url: str, times: int) -> None:
    engine = create(url)
    for _ in range(times):
        with writing(engine) as conn:  # reads first, as what decides before it writes
            found = conn.execute(text("SELECT value FROM instance WHERE name = 'n'")).scalar_one()
            conn.execute(
                text("UPDATE instance SET value = :new WHERE name = 'n'"),
                {"new": str(int(found) + 1)},
            )


def test_eight_sqlite_writers_never_meet_a_locked_database(tmp_path: Path) -> None:
    """Also the very first use of a new file, when its journal mode changes, is safe."""
    url = f"sqlite:///{tmp_path / 'flowctl.db'}"
    with writing(create(url)) as conn:
        conn.execute(text("CREATE TABLE flowctl_version (version_num TEXT)"))
        conn.execute(text("CREATE TABLE instance (name TEXT, value TEXT)"))
        conn.execute(text("INSERT INTO instance VALUES ('n', '0')"))

    writers = [SPAWN.Process(target=_count_up, args=(url, 50)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert [writer.exitcode for writer in writers] == [0] * 8
    with reading(create(url)) as conn:
        assert conn.execute(text("SELECT value FROM instance")).scalar() == "400"


def test_a_server_that_is_not_there_is_transient() -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(OperationalError) as refused, reading(create(_postgres(port))):
            pass
    assert is_transient(refused.value)


def _postgres(port: int, password: str = "x") -> str:
    return f"postgresql://flowctl:{password}@127.0.0.1:{port}/none"


def test_a_wrong_password_or_database_is_not_transient(postgres_server: Server) -> None:
    for password in ("wrong", postgres_server.password):
        engine = create(_postgres(postgres_server.port, password))
        with pytest.raises(OperationalError) as refused, reading(engine):
            pass
        assert not is_transient(refused.value)


def test_a_connection_killed_by_the_server_is_transient(postgres_url: str) -> None:
    engine = create(postgres_url)
    kill = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(DBAPIError) as killed, writing(engine) as conn:
        conn.execute(kill)
    assert is_transient(killed.value)

    with reading(engine) as conn:  # the pool does not hand out the dead one
        assert conn.execute(text("SELECT 1")).scalar() == 1


def test_a_process_that_stands_still_in_a_transaction_loses_its_locks(postgres_url: str) -> None:
    """Suspended leaders must not hold up the next one; the database parts them after 4 s."""
    lock = text("SELECT pg_advisory_xact_lock(1)")
    with create(postgres_url).connect() as still:
        still.execute(lock)
        with writing(create(postgres_url)) as other:
            other.execute(lock)
        with pytest.raises(DBAPIError) as parted:
            still.execute(lock)
    assert is_transient(parted.value)


@pytest.mark.parametrize(
    ("state", "expected"), [("40001", True), ("40P01", True), ("23505", False)]
)
def test_a_collision_is_transient_and_a_broken_rule_is_not(
    postgres_url: str, state: str, expected: bool
) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"
    with pytest.raises(DBAPIError) as raised, writing(create(postgres_url)) as conn:
        conn.exec_driver_sql(raising)
    assert is_transient(raised.value) is expected


def test_what_postgresql_says_is_told_without_the_statement(postgres_url: str) -> None:
    with pytest.raises(DBAPIError) as raised, writing(create(postgres_url)) as conn:
        conn.exec_driver_sql("SELECT nothing, 'canary'")

    assert in_words(raised.value) == 'column "nothing" does not exist'


def test_a_locked_sqlite_file_is_transient_and_a_wrong_statement_is_not(tmp_path: Path) -> None:
    engine = create(f"sqlite:///{tmp_path / 'flowctl.db'}", Options(busy_timeout_s=0.01))
    with writing(engine):
        with pytest.raises(OperationalError) as locked, writing(engine):
            pass
        assert is_transient(locked.value)
        assert in_words(locked.value) == "database is locked"
    with pytest.raises(OperationalError) as wrong, reading(engine) as conn:
        conn.execute(text("SELECT nothing"))
    assert not is_transient(wrong.value)


def test_a_full_disk_is_transient(tmp_path: Path) -> None:
    engine = create(f"sqlite:///{tmp_path / 'flowctl.db'}")
    with writing(engine) as conn:
        conn.execute(text("CREATE TABLE t (b BLOB)"))
        conn.execute(text("PRAGMA max_page_count = 4"))
        with pytest.raises(OperationalError) as full:
            conn.execute(text("INSERT INTO t VALUES (zeroblob(100000))"))
    assert is_transient(full.value)


def _failing(times: int, error: BaseException) -> Callable[[], str]:
    left = [error] * times

    def work() -> str:
        if left:
            raise left.pop()
        return "done"

    return work


class _Locked(Exception):
    sqlite_errorcode = 5


LOCKED = OperationalError("SELECT 1", {}, _Locked("database is locked"))


def test_work_is_repeated_with_growing_bounded_pauses() -> None:
    pauses: list[float] = []

    assert retrying(_failing(12, LOCKED), pauses.append) == "done"
    assert len(pauses) == 12
    assert pauses[0] <= 0.05
    assert PAUSE_MAX_S / 2 <= pauses[-1] <= PAUSE_MAX_S


def test_work_is_given_up_when_asked_to_stop_or_tried_often_enough() -> None:
    with pytest.raises(OperationalError):
        retrying(_failing(2, LOCKED), lambda _seconds: True)
    with pytest.raises(OperationalError):
        retrying(_failing(3, LOCKED), lambda _seconds: None, attempts_max=3)
    assert retrying(_failing(2, LOCKED), lambda _seconds: None, attempts_max=3) == "done"


def test_what_will_never_work_is_not_repeated() -> None:
    with pytest.raises(KeyError):
        retrying(_failing(1, KeyError()), lambda _seconds: pytest.fail("waited"))


def test_opening_a_file_again_keeps_the_locks_of_this_process(tmp_path: Path) -> None:
    """Closing any descriptor of a SQLite file would drop them; so the file is not opened twice."""
    path = tmp_path / "flowctl.db"
    engine = create(f"sqlite:///{path}")
    with writing(engine) as conn:
        conn.execute(text("CREATE TABLE t (n INTEGER)"))
        with reading(create(f"sqlite:///{path}")):
            pass
        other = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", f"import sqlite3; sqlite3.connect({str(path)!r}, timeout=0)"
             ".execute('BEGIN IMMEDIATE')"],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)],
        )  # fmt: skip
        assert os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]) == 1
