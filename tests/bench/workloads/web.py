"""How long the web server takes for the pages people look at most, without the network."""

import statistics
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Connection, insert, select

from flowctl import clock, config
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import accounts, dags, schema
from flowctl.store.accounts import Account
from flowctl.store.engine import writing
from flowctl.web.app import create_app
from flowctl.web.auth.login import digest_of
from tests.bench.lab import Lab
from tests.bench.site import Site

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = "bench"
LINE = b"[2026-01-01T00:00:00.000+0000] {task.py:12} INFO - some words of a task that says much\n"


def pages(lab: Lab) -> None:
    """The lists of 500 DAGs, two grids, and the log of a task that wrote 200 MB."""
    count = lab.options.count(500, 100)
    big = lab.options.count(5_000, 500)
    with lab.site() as site:
        now = clock.utcnow()
        for number in range(count):
            _fill(site, f"dag_{number:03}", tasks=5, runs=14)
        _fill(site, "wide", tasks=500, runs=30)
        _fill(site, "huge", tasks=big, runs=100)
        with writing(site.engine) as conn:
            admin = Account("bench", "B", "B", "bench@example.org", ("Admin",))
            pk = accounts.create(conn, admin, now)
            until = now + timedelta(days=1)
            accounts.issue_token(conn, pk, digest_of(TOKEN), "bench", until, now)
            log = _log(conn, site, lab.options.count(200, 20))
        client = create_app(config.load(environ=site.environ)).test_client()
        _note(lab, client, "web: 100 of 500 DAGs, API", "/dags?limit=100")
        _note(lab, client, "web: 100 of 500 DAGs, page", "/ui/dags?limit=100")
        _note(lab, client, "web: grid of 500 tasks x 30 runs", "/dags/wide/grid?limit=30")
        _note(lab, client, "web: grid of 5,000 tasks, 10 of 100 runs", "/dags/huge/grid?limit=10")
        _note(lab, client, "web: end of a log of 200 MB", log)


def _note(lab: Lab, client: FlaskClient, name: str, path: str) -> None:
    asked = {"Authorization": f"Bearer {TOKEN}"}
    times = []
    for _ in range(lab.options.count(100, 20)):
        begin = time.perf_counter()
        answer = client.get(f"/api/v1{path}", headers=asked)
        times.append((time.perf_counter() - begin) * 1000)
        assert answer.status_code == 200, answer.text
    lab.note(f"{name}, p50", [statistics.median(times)], "ms")
    lab.note(f"{name}, p95", [statistics.quantiles(times, n=20)[-1]], "ms")


def _fill(site: Site, dag_id: str, *, tasks: int, runs: int) -> None:
    """Record a DAG with finished runs, the latest first in any list."""
    ids = [f"t{number}" for number in range(tasks)]
    spec = DagSpec(
        dag_id=dag_id,
        file=f"{dag_id}.py",
        tasks=tuple(_tasks(ids)),
        schedule=ScheduleSpec("cron", expression="0 0 * * *", summary="@daily"),
        start_date=FIRST,
        tags=("bench", "x"),
        description="a DAG to be looked at",
    )
    with writing(site.engine) as conn:
        now = clock.utcnow()
        dags.record(conn, ParsedFile(spec.file, "1:1:1", (spec,), b"#"), now)
        version = conn.scalar(select(schema.dag.c.version_id).where(schema.dag.c.dag_id == dag_id))
        for number in range(runs):
            _run(conn, dag_id, version, number, ids)


def _tasks(ids: list[str]) -> Iterable[TaskSpec]:
    for number, task_id in enumerate(ids):
        before = (ids[number - 1],) if number % 10 else ()
        yield TaskSpec(task_id, before, operator="BashOperator", module="flowctl.operators.bash")


def _run(conn: Connection, dag_id: str, version: int | None, number: int, ids: list[str]) -> None:
    at = FIRST + timedelta(days=number)
    times = {"start_date": at, "end_date": at}
    run_pk = conn.execute(
        insert(schema.dag_run)
        .values(dag_id=dag_id, run_id=f"r{number}", run_type="scheduled", state="success",
                version_id=version, logical_date=at, queued_at=at, updated_at=at, **times)
        .returning(schema.dag_run.c.id)
    ).scalar_one()  # fmt: skip
    rows = [
        {"dag_run_id": run_pk, "task_id": task_id, "state": "success", "try_number": 1, **times}
        for task_id in ids
    ]
    conn.execute(insert(schema.task_instance), rows)


def _log(conn: Connection, site: Site, megabytes: int) -> str:
    """Write the log of a try of a task; return the path of its end."""
    folder = Path(site.home) / "logs"
    folder.mkdir(exist_ok=True)
    with (folder / "big.log").open("wb") as file:
        for _ in range(megabytes):
            file.write(LINE * (2**20 // len(LINE)))
    ti = schema.task_instance
    wanted = select(ti.c.id).join(schema.dag_run, schema.dag_run.c.id == ti.c.dag_run_id)
    ti_id = conn.scalar(wanted.where(schema.dag_run.c.dag_id == "wide").order_by(ti.c.id).limit(1))
    conn.execute(
        insert(schema.task_try).values(
            ti_id=ti_id, try_number=1, state="success", queued_at=FIRST, start_date=FIRST,
            end_date=FIRST, log_path="big.log",
        )
    )  # fmt: skip
    return "/dags/wide/dagRuns/r0/taskInstances/t0/logs/1/lines"
