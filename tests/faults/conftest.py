"""A home under fire, on both kinds of database."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.faults import ledger
from tests.faults.harness import Home


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what a test tried, and what came of it."""
    report = yield
    if call.when == "setup" and isinstance(item, pytest.Function):
        ledger.begin(item.originalname.removeprefix("test_").replace("_", " "))
    elif call.when == "call" and not report.skipped:
        entry = ledger.current
        if report.failed and entry.is_good:
            entry.complain([str(call.excinfo and call.excinfo.value)])
        entry.trials = max(entry.trials, 1)
        entry.keep()
    return report


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
