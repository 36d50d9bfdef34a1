"""How long a request takes while very many tabs watch, and a run moves for all of them."""

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection

from sqlalchemy import update

from flowctl.store import schema
from flowctl.store.engine import writing
from tests.bench import procfs
from tests.bench.lab import Lab
from tests.bench.serving import serve
from tests.bench.site import Site
from tests.bench.stock import analyze, fill_dag
from tests.bench.waiting import pause
from tests.bench.workloads.web import TOKEN, let_in

PATHS = ("/ui/dags?limit=100", "/dags/dag_001/grid?limit=30", "/pools")
MOVE_EVERY_S = 0.5
SETTLE_S = 3.0
PATIENCE_S = 20.0
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def tabs(lab: Lab) -> None:
    """The list, a grid and the pools, one after the other, alone and with the tabs."""
    count = lab.options.count(400, 40)
    with lab.site() as site:
        with writing(site.engine) as conn:
            runs = [fill_dag(conn, f"dag_{n:03}", tasks=5, runs=14) for n in range(100)]
            let_in(conn)
        analyze(site.engine)
        port = serve(site)
        _note(lab, port, "tabs: a request with none, p95")
        with ExitStack() as opened:
            for _ in range(count):
                opened.enter_context(_watching(port))
            opened.enter_context(_moving(site, runs[0]))
            pause(SETTLE_S)
            _note(lab, port, f"tabs: a request with {count}, p95")
            used = procfs.by_kind(site.pids(), memory=True).values()
            memory = sum(one.pss_mb for one in used)
            lab.note(f"tabs: memory of the web server with {count}", [memory], "MB")


def _note(lab: Lab, port: int, name: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    times = []
    for number in range(lab.options.count(600, 60)):
        begin = time.perf_counter()
        connection.request("GET", f"/api/v1{PATHS[number % len(PATHS)]}", headers=BEARER)
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - begin) * 1000)
        assert answer.status == 200
    connection.close()
    lab.note(name, [statistics.quantiles(times, n=20)[-1]], "ms")


@contextmanager
def _watching(port: int) -> Iterator[None]:
    """Keep a stream open, as a tab does that nobody looks at."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as tab:
        tab.sendall(
            b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + TOKEN.encode()
            + b"\r\n\r\n"
        )
        assert tab.recv(12) == b"HTTP/1.1 200"
        yield


@contextmanager
def _moving(site: Site, run_pk: int) -> Iterator[None]:
    """Let a run move again and again."""
    is_over = threading.Event()

    def move() -> None:
        while not is_over.wait(MOVE_EVERY_S):
            with writing(site.engine) as conn:
                run = schema.dag_run
                anew = {"state": "running", "end_date": None, "revision": run.c.revision + 1}
                conn.execute(update(run).where(run.c.id == run_pk).values(anew))

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
