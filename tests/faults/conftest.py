"""A home under fire, on both kinds of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness import Home


@pytest.fixture
def home(tmp_path: Path, metastore_url: str) -> Iterator[Home]:
    """Give a home with a running scheduler, once on each kind of database."""
    yield from running(Home(tmp_path, metastore_url))


@pytest.fixture
def sqlite_home(tmp_path: Path, sqlite_url: str) -> Iterator[Home]:
    """Give a home with a running scheduler on SQLite."""
    yield from running(Home(tmp_path, sqlite_url))


def running(home: Home) -> Iterator[Home]:
    """Start a home, and end everything of it afterwards."""
    try:
        home.prepare()
        home.start()
        yield home
    finally:
        home.close()
