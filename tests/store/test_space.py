"""A SQLite metastore gives back to the disk what was deleted from it."""

from pathlib import Path

from sqlalchemy import Engine, delete, insert

from flowctl.store import space
from flowctl.store.engine import create, reading, writing
from flowctl.store.schema import variable

ROWS = 3000


def filled(engine: Engine) -> Engine:
    """Fill the metastore with 12 MB, and delete them."""
    values = [{"key": str(key), "value": "x" * 4000} for key in range(ROWS)]
    with writing(engine) as conn:
        conn.execute(insert(variable), values)
    with writing(engine) as conn:
        conn.execute(delete(variable))
    return engine


def size_of(url: str) -> int:
    """Return the bytes of the file once its journal is in it."""
    engine = create(url)
    with engine.connect() as conn:
        conn.exec_driver_sql("ROLLBACK")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return Path(url.removeprefix("sqlite:///")).stat().st_size


def test_what_is_free_is_given_back_in_steps(sqlite_url: str) -> None:
    engine = filled(create(sqlite_url))
    before = size_of(sqlite_url)
    steps = 0
    while True:
        with reading(engine) as conn:
            if not space.has_surplus(conn):
                break
        with writing(engine) as conn:
            space.give_back(conn, 500)
        steps += 1
    engine.dispose()

    assert 3 <= steps <= 8
    assert size_of(sqlite_url) < before / 2


def test_a_little_is_left_for_use(metastore_url: str) -> None:
    engine = create(metastore_url)
    with reading(engine) as conn:
        assert not space.has_surplus(conn)
    engine.dispose()
