"""Executors over a real home, each with the number of attempts it may run at once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowctl import config
from flowctl.executors import choice
from flowctl.executors.contract import Executor
from tests.support.workshop import Workshop

Connect = Callable[[], Executor]


@pytest.fixture
def executor_name() -> str:
    """Return the name of the executor; `each` and its like set it."""
    return "LocalExecutor"


@pytest.fixture
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    """Give a home with the DAGs of the suite."""
    url = request.getfixturevalue(f"{request.param}_url")
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "3")
    made = Workshop.make(tmp_path, url, monkeypatch)
    made.add((Path(__file__).parent / "dags" / "contract.py").read_text())
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
