"""What the tests of the scheduler share: a metastore with its tables."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from flowctl.store.engine import create


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """Give an engine on a metastore with its tables; the store's tests know both databases."""
    engine = create(sqlite_url)
    yield engine
    engine.dispose()
