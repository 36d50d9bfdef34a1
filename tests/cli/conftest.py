"""What the tests of the commands share: a home with a metastore, DAGs in it, and a way to call."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from flowctl import config
from flowctl.cli.main import main
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import dags, metastore
from flowctl.store.engine import writing

Call = Callable[..., Result]
NOW = datetime(2024, 3, 1, tzinfo=UTC)
DAILY = ScheduleSpec("cron", expression="0 0 * * *", summary="@daily")


@pytest.fixture
def call(flowctl_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """Give a function that runs a command in this process, in an empty home."""
    monkeypatch.setenv("FLOWCTL__CORE__LOAD_EXAMPLES", "False")
    config.forget()

    def run(*words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, list(words), input=stdin, prog_name="flowctl")

    assert flowctl_home.is_dir()
    yield run
    config.forget()


@pytest.fixture
def engine(call: Call, flowctl_home: Path, sqlite_template: Path) -> Iterator[Engine]:
    """Give an engine on the metastore of this home, which is made."""
    assert call is not None
    shutil.copy(sqlite_template, flowctl_home / "airflow.db")
    engine = metastore.open_engine(config.load())
    yield engine
    engine.dispose()


@pytest.fixture
def home(engine: Engine) -> Engine:
    """Give a metastore with two DAGs: `etl`, daily, of two tasks, and `manual`, paused."""
    etl = DagSpec(
        dag_id="etl",
        file="etl.py",
        tasks=(
            TaskSpec("extract", operator="BashOperator"),
            TaskSpec("load", ("extract",), operator="BashOperator", owner="ann", retries=2),
        ),
        schedule=DAILY,
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        is_paused_upon_creation=False,
        tags=("a", "b"),
    )
    record(engine, etl)
    record(engine, DagSpec(dag_id="manual", file="manual.py", tasks=(TaskSpec("only"),)))
    return engine


def record(engine: Engine, *specs: DagSpec, error: str | None = None) -> None:
    """Let a file define DAGs, as the scheduler records it."""
    source = repr(specs).encode()
    parsed = ParsedFile(
        specs[0].file, hashlib.sha256(source).hexdigest(), specs, source, error, duration_s=0.25
    )
    with writing(engine) as conn:
        dags.record(conn, parsed, NOW)
