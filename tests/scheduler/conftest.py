"""What the tests of the scheduler share: a metastore with its tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flowctl.store import database
from flowctl.store.engine import create


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Give an engine on a metastore with its tables; the store's tests know both databases."""
    engine = create(f"sqlite:///{tmp_path / 'flowctl.db'}")
    database.create(engine)
    yield engine
    engine.dispose()
