"""What the tests of the web server share: DAGs, a run, users, and a client of the app."""

import base64
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from flowctl import clock, config
from flowctl.core.attempt import Ended, Outcome
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.core.states import TaskState
from flowctl.store import accounts, dags, metastore, outcomes, passwords, triggers
from flowctl.store.accounts import Account
from flowctl.store.engine import create, writing
from flowctl.store.schema import task_instance, task_try
from flowctl.web.app import create_app
from flowctl.web.auth import throttle

Ask = Callable[..., TestResponse]

ROLES = ("Admin", "Op", "User", "Viewer", "Public")
PASSWORD = "a good password"
KEPT = passwords.hashed(PASSWORD)
DATE = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def engine(
    flowctl_home: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """Give an engine on the metastore of this home, which is made; passwords are taken."""
    shutil.copy(sqlite_template, flowctl_home / "airflow.db")
    backends = "airflow.api.auth.backend.session,airflow.api.auth.backend.basic_auth"
    monkeypatch.setenv("FLOWCTL__API__AUTH_BACKENDS", backends)
    monkeypatch.setenv("FLOWCTL__WEBSERVER__EXPOSE_CONFIG", "True")
    monkeypatch.setenv("FLOWCTL__CORE__TEST_CONNECTION", "Enabled")
    config.forget()
    engine = metastore.open_engine(config.load(flowctl_home))
    yield engine
    engine.dispose()


@pytest.fixture
def no_tries_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was guessed count for good: a slow machine has time for another guess meanwhile."""
    for name in ("REFILL_PER_S", "REFILL_PER_ADDRESS_PER_S"):
        monkeypatch.setattr(throttle, name, 1e-6)


def dag_spec(dag_id: str) -> DagSpec:
    """Return a DAG of two tasks, `a` and then `b`."""
    return DagSpec(
        dag_id=dag_id,
        file=f"{dag_id}.py",
        tasks=(
            TaskSpec("a", operator="BashOperator", module="flowctl.operators.bash", owner="ann"),
            TaskSpec("b", ("a",), operator="PythonOperator", retries=1),
        ),
        schedule=ScheduleSpec("cron", expression="0 0 * * *", summary="@daily"),
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        tags=("x", "y"),
        description="what it is for",
        params={"p": {"value": 1, "schema": {"type": "integer"}, "description": None}},
    )


@pytest.fixture(scope="session")
def filled_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a metastore once, to be copied."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("filled")))
    engine = create(f"sqlite:///{path}")
    fill(engine)
    engine.dispose()
    return path


@pytest.fixture
def filled(engine: Engine, flowctl_home: Path, filled_template: Path) -> Engine:
    """Give a metastore with the DAGs `one` and `two`, a run of each, and a user of each role.

    In the run `r1` of `one` the task `a` has succeeded, with a log and an XCom.
    """
    shutil.copy(filled_template, flowctl_home / "airflow.db")  # nobody has it open yet
    log = flowctl_home / "logs" / "a.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("first line\nsecond line\n")
    return engine


def fill(engine: Engine) -> None:
    """Fill an empty metastore as `filled` says."""
    now = clock.utcnow()
    source = b"# the source of one and two"
    with writing(engine) as conn:
        for name in ("one", "two"):
            dags.record(conn, ParsedFile(f"{name}.py", "1:1:1", (dag_spec(name),), source), now)
            triggers.trigger(conn, triggers.Trigger(name, "r1", DATE), "test", now)
        for role in ROLES:
            made = Account(role.lower(), "F", "L", f"{role}@x.org", (role,), password=KEPT)
            accounts.create(conn, made, now)
        _finish_a(conn, now)


def _finish_a(conn: Any, now: datetime) -> None:
    row = conn.execute(task_instance.select().where(task_instance.c.task_id == "a")).first()
    conn.execute(
        task_instance.update()
        .where(task_instance.c.id == row.id)
        .values(state="running", try_number=1, start_date=now)
    )
    conn.execute(
        task_try.insert().values(
            ti_id=row.id, try_number=1, state="running", queued_at=now, host="here:/home"
        )
    )
    outcome = Outcome(row.id, 1, TaskState.SUCCESS, now, now, xcoms={"return_value": '{"x": 1}'})
    ended = Ended(row.dag_run_id, outcome, "a.log")
    outcomes.record(conn, [], [ended], now)


@pytest.fixture
def app(filled: Engine, flowctl_home: Path) -> Iterator[Flask]:
    """Give the app over that metastore."""
    assert filled is not None
    yield create_app(config.load(flowctl_home))
    config.forget()


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Give a function that sends a request below /api/v1, as a user or as nobody."""
    client = app.test_client()

    def send(method: str, path: str, user: str | None = "admin", **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if user:
            pair = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        return client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    return send
