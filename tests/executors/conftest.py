"""Executors over a real home, each with the number of attempts it may run at once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowctl import config
from flowctl.core.parsed import ParsedFile
from flowctl.executors import choice
from flowctl.executors.contract import Executor
from tests.support.workshop import Workshop

Connect = Callable[[], Executor]
CONTRACT = Path(__file__).parent / "dags" / "contract.py"


@pytest.fixture
def executor_name() -> str:
    """Return the name of the executor; `each` and its like set it."""
    return "LocalExecutor"


@pytest.fixture(scope="session")
def parsed() -> list[ParsedFile]:
    """Give what was found in the DAG file of the suite, once a test has parsed it."""
    return []


@pytest.fixture
def shop(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    parsed: list[ParsedFile],
) -> Iterator[Workshop]:
    """Give a home with the DAGs of the suite."""
    url = request.getfixturevalue(f"{request.param}_url")
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "3")
    made = Workshop.make(tmp_path, url, monkeypatch)
    parsed.append(made.add(CONTRACT.read_text(), parsed=parsed[0] if parsed else None))
    yield made
    made.close()


@pytest.fixture
def connect(shop: Workshop, executor_name: str) -> Connect:
    """Give a function that makes an executor and connects it for the term that leads."""

    def make() -> Executor:
        config.forget()  # the test may have set something
        made = choice.executor(config.load(), executor_name)
        shop.known = made.connect(shop.term)
        shop.executors.append(made)
        return made

    return make


@pytest.fixture
def executor(connect: Connect) -> Executor:
    """Give a connected executor."""
    return connect()
