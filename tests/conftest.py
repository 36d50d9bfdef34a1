"""What all tests share: a home of their own, and metastores on both kinds of database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowctl.store import database
from flowctl.store.engine import create
from tests.support import postgres, room
from tests.support.scheduling import OneProcessForEachSite

# A person's own settings must not reach a test, nor a test the person's own home.
SETTING_PREFIXES = ("AIRFLOW_", "FLOWCTL_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put last what needs the whole machine.

    All processes wait while one comes to be alone and is: so they do it once, at the end.
    """
    items.sort(key=_is_alone)  # stable


def _is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto`, one process more than there are cores: many tests wait for processes."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Choose which process runs which test."""
    return OneProcessForEachSite(config, log)


@pytest.fixture(scope="session")
def meeting_point(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that all processes of this run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(autouse=True)
def _place(request: pytest.FixtureRequest, meeting_point: Path) -> Iterator[None]:
    """Keep the other processes waiting while a test runs that measures what they share."""
    with room.place(meeting_point, alone=_is_alone(request.node)):
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the caller's settings, and point `FLOWCTL_HOME` at a folder of this session."""
    hidden = {name: os.environ[name] for name in os.environ if name.startswith(SETTING_PREFIXES)}
    for name in hidden:
        del os.environ[name]
    os.environ["FLOWCTL_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    del os.environ["FLOWCTL_HOME"]
    os.environ.update(hidden)


@pytest.fixture
def flowctl_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give this test an empty `FLOWCTL_HOME` of its own; child processes inherit it."""
    home = tmp_path / "flowctl"
    home.mkdir()
    monkeypatch.setenv("FLOWCTL_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """Run one PostgreSQL server for the whole session; missing programs fail, never skip."""
    try:
        postgres.programs()
    except postgres.PostgresMissing as error:
        pytest.fail(str(error), pytrace=False)
    with postgres.running_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a SQLite metastore with its tables once; whoever needs one copies the file."""
    path = tmp_path_factory.mktemp("template") / "flowctl.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> str:
    """Make a PostgreSQL metastore with its tables once; return the name of the database."""
    name = "flowctl_template"
    postgres_server.execute(f"CREATE DATABASE {name}")
    _migrate(postgres_server.url(name))
    return name


def _migrate(url: str) -> None:
    engine = create(postgres.unhurried(url))
    database.migrate(engine)
    engine.dispose()  # with the last connection SQLite's file is whole, and PostgreSQL's idle


@pytest.fixture
def empty_postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """Give the address of an empty PostgreSQL database of this test alone."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: postgres.Server, postgres_template: str) -> Iterator[str]:
    """Give the address of a metastore with its tables on PostgreSQL, of this test alone."""
    with postgres_server.database(postgres_template) as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the address of a metastore with its tables on SQLite."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'flowctl.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def metastore_url(request: pytest.FixtureRequest) -> str:
    """Give the address of a metastore with its tables, once on each kind of database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
