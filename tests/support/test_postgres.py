"""The tests' own PostgreSQL server keeps what the fixtures promise."""

import psycopg
import pytest

from flowctl.store.engine import create, reading
from tests.support import postgres

seen: list[str] = []


def _connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(url.replace("+psycopg", ""))


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_gets_an_empty_database_of_its_own(postgres_url: str, turn: str) -> None:
    """A table of one test is not there in the next, and the address differs."""
    assert postgres_url not in seen
    seen.append(postgres_url)

    with _connect(postgres_url) as conn:
        conn.execute("CREATE TABLE mark (turn text)")
        conn.execute("INSERT INTO mark VALUES (%s)", [turn])
        assert conn.execute("SELECT turn FROM mark").fetchall() == [(turn,)]


def test_the_server_does_not_let_in_without_the_password(postgres_url: str) -> None:
    """Another user of the machine cannot use the tests' server."""
    with pytest.raises(psycopg.OperationalError, match="password"):
        _connect(postgres_url.replace(":", ":wrong", 2).replace(":wrong//", "://", 1))


def test_a_unit_of_work_of_a_test_may_stand_still(postgres_url: str) -> None:
    """Else the database parts a test whose process a busy machine stops for four seconds."""
    with reading(create(postgres.unhurried(postgres_url))) as conn:
        for name, value in {"idle_in_transaction_session_timeout": "0", "timezone": "UTC"}.items():
            assert conn.exec_driver_sql(f"SHOW {name}").scalar() == value


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lacks PostgreSQL reads what to install."""
    monkeypatch.setattr(postgres.shutil, "which", lambda _name: None)
    monkeypatch.setattr(postgres.Path, "glob", lambda *_arguments: iter(()))

    with pytest.raises(postgres.PostgresMissing, match="install the package postgresql"):
        postgres.programs()
