"""How long the web server takes for the pages people look at most, without the network."""

import statistics
import time
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Connection

from flowctl import clock, config, garbage
from flowctl.store import accounts, passes
from flowctl.store.accounts import Account
from flowctl.store.engine import writing
from flowctl.web.app import create_app
from flowctl.web.auth.login import digest_of
from tests.bench.lab import Lab
from tests.bench.stock import analyze, fill_dag, fill_log

TOKEN = "bench"
LOG = "/dags/wide/dagRuns/r29/taskInstances/t0/logs/1/lines"


def pages(lab: Lab) -> None:
    """The lists of 500 DAGs, two grids, and the log of a task that wrote 200 MB."""
    count = lab.options.count(500, 100)
    big = lab.options.count(5_000, 500)
    with lab.site() as site:
        with writing(site.engine) as conn:
            for number in range(count):
                fill_dag(conn, f"dag_{number:03}", tasks=5, runs=14)
            newest = fill_dag(conn, "wide", tasks=500, runs=30)
            fill_dag(conn, "huge", tasks=big, runs=100)
            size = lab.options.count(200, 20) << 20
            fill_log(conn, Path(site.home) / "logs", newest, "t0", size_bytes=size)
            let_in(conn)
        analyze(site.engine)
        garbage.settle()  # as the web server does before it forks its workers
        client = create_app(config.load(environ=site.environ)).test_client()
        _note(lab, client, "web: 100 of 500 DAGs, API", "/dags?limit=100")
        _note(lab, client, "web: 100 of 500 DAGs, page", "/ui/dags?limit=100")
        _note(lab, client, "web: grid of 500 tasks x 30 runs", "/dags/wide/grid?limit=30")
        _note(lab, client, "web: grid of 5,000 tasks, 10 of 100 runs", "/dags/huge/grid?limit=10")
        _note(lab, client, "web: end of a log of 200 MB", LOG)


def let_in(conn: Connection) -> None:
    """Give the token to an account that may do all."""
    now = clock.utcnow()
    admin = Account("bench", "B", "B", "bench@example.org", ("Admin",))
    pk = accounts.create(conn, admin, now)
    passes.issue_token(conn, pk, digest_of(TOKEN), "bench", now + timedelta(days=1), now)


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
