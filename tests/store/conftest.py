"""What the tests of the store share: a metastore with its tables, on both kinds of database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from flowctl.store.engine import create, writing
from tests.support.postgres import unhurried


@pytest.fixture
def bare_engine(empty_url: str) -> Iterator[Engine]:
    """Give an engine on an empty database."""
    engine = create(unhurried(empty_url))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(metastore_url: str) -> Iterator[Engine]:
    """Give an engine on a metastore with its tables."""
    engine = create(unhurried(metastore_url))
    yield engine
    engine.dispose()


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """Give a unit of work that may write."""
    with writing(engine) as conn:
        yield conn
