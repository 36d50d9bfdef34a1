"""What the tests of the store share: a metastore with its tables, on both kinds of database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from flowctl.store import database
from flowctl.store.engine import create, writing


@pytest.fixture
def bare_engine(metastore_url: str) -> Iterator[Engine]:
    """Give an engine on an empty database."""
    engine = create(metastore_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(bare_engine: Engine) -> Engine:
    """Give an engine on a metastore with its tables."""
    database.create(bare_engine)
    return bare_engine


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """Give a unit of work that may write."""
    with writing(engine) as conn:
        yield conn
