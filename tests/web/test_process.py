"""The web server as real processes: its memory, its deaths, its slow clients, its many tabs."""

import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from flowctl import clock, config
from flowctl.runner import pidfiles
from flowctl.store import accounts, database, metastore, passes, roles
from flowctl.store.accounts import Account
from flowctl.store.engine import reading, writing
from flowctl.store.queries import processes
from flowctl.web.auth.login import digest_of
from tests.support.processes import PATIENCE_S, flowctl, free_port

TOKEN = "flowctl_of_a_test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
MEMORY_MAX_KB = 200 * 1024
TABS = 400

WORKERS = 4

LONE = """
from flowctl.web.gunicorn_settings import *

workers = 1
"""
HURRIED = f"""{LONE}
from flowctl.web import worker

worker.HEAD_S = worker.REQUEST_S = worker.ANSWER_S = 0.3
"""
IDLE = 40
"""Clients that do not hang up: for all of them together gunicorn waits longer than a test does."""


def ask(port: int, path: str = "/health", **headers: str) -> int:
    """Return the status of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def told(port: int, path: str) -> Any:
    """Return what the web server answers to ann."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request("GET", path, headers=BEARER)
    found = json.loads(connection.getresponse().read())
    connection.close()
    return found


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory_kb(pid: int) -> int:
    """Return the share of a process in the memory of the machine (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def end_of(pid: int) -> bool:
    """Wait until a process has ended; say whether it has."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], PATIENCE_S)[0])
    finally:
        os.close(fd)


def until(asked: threading.Event, port: int, is_so: object) -> None:
    """Ask for the health until a question is answered with yes."""
    assert callable(is_so)
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        asked.wait(0.05)
        ask(port)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home with a metastore, and a user with a token."""
    found = tmp_path_factory.mktemp("prepared")
    engine = metastore.open_engine(config.load(found))
    database.migrate(engine)
    now = clock.utcnow()
    with writing(engine) as conn:
        who = Account("ann", "A", "L", "ann@x.org", (roles.ADMIN,))
        pk = accounts.create(conn, who, now)
        passes.issue_token(conn, pk, digest_of(TOKEN), "t", now.replace(year=2100), now)
    engine.dispose()
    return found


@pytest.fixture
def home(prepared: Path, flowctl_home: Path) -> Iterator[Path]:
    """Give a copy of that home; what runs for it is ended afterwards."""
    shutil.copytree(prepared, flowctl_home, dirs_exist_ok=True)
    yield flowctl_home
    flowctl("stop", "--kill", "--timeout", "3")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def master(home: Path, port: int) -> int:
    """Give the pid of a web server that runs."""
    started = flowctl("webserver", "-D", "--port", str(port), "--workers", str(WORKERS))
    assert started.returncode == 0, started.stderr
    return int((home / "flowctl-webserver.pid").read_text())


@pytest.mark.alone
def test_400_tabs_watch_and_requests_are_answered(master: int, port: int) -> None:
    assert sum(map(memory_kb, [master, *children(master)])) < MEMORY_MAX_KB
    with ExitStack() as tabs:
        for _ in range(TABS):
            tab = tabs.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_S))
            tab.sendall(
                b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n"
                b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
            )
            tab.settimeout(PATIENCE_S)
            assert tab.recv(12) == b"HTTP/1.1 200"
        assert [ask(port, "/api/v1/pools", **BEARER) for _ in range(20)] == [200] * 20
        assert sum(map(memory_kb, [master, *children(master)])) < MEMORY_MAX_KB
        os.kill(master, signal.SIGTERM)
        assert end_of(master)  # and no tab keeps it


def test_a_killed_worker_is_replaced_and_a_killed_master_leaves_nothing(
    master: int, port: int
) -> None:
    before = set(children(master))
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    until(threading.Event(), port, lambda: len(set(children(master)) - {killed}) == WORKERS)

    workers = children(master)
    os.kill(master, signal.SIGKILL)
    assert all(map(end_of, workers))
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))


@pytest.mark.alone
def test_a_web_server_is_one_of_the_processes_until_it_ends(
    home: Path, master: int, port: int
) -> None:
    """Whichever of its workers is there to say so."""

    def jobs() -> list[dict[str, Any]]:
        return list(told(port, "/api/v1/jobs?kind=webserver")["jobs"])

    until(threading.Event(), port, jobs)
    killed = min(children(master))
    os.kill(killed, signal.SIGKILL)
    until(threading.Event(), port, lambda: len(set(children(master)) - {killed}) == WORKERS)
    assert end_of(killed)
    (job,) = jobs()
    assert (job["pid"], job["state"]) == (master, "alive")

    def memory_bytes() -> int:
        return sum(map(memory_kb, [master, *children(master)])) * 1024

    until(  # a worker that has just come grows between the two looks
        threading.Event(),
        port,
        lambda: jobs()[0]["memory_bytes"] == pytest.approx(memory_bytes(), rel=0.2),
    )

    assert flowctl("stop").returncode == 0
    engine = metastore.open_engine(config.load(home))
    with reading(engine) as conn:
        (row,) = processes.listed(conn, "webserver", ended=True)
    engine.dispose()
    assert row.ended_at is not None


def test_nobody_on_this_machine_speaks_for_a_proxy(lone: int) -> None:
    said = {"X-Forwarded-Proto": "https", "SCRIPT_NAME": "/evil", "X-Forwarded-Prefix": "/evil"}
    assert ask(lone, "/health", **said) == 200
    assert ask(lone, "/health", X_Forwarded_Proto="https") == 200


def test_a_daemon_has_the_files_that_it_is_given(home: Path, port: int) -> None:
    files = {name: home / f"my.{name}" for name in ("pid", "stdout", "stderr", "log-file")}
    words = [word for name, path in files.items() for word in (f"--{name}", str(path))]

    assert flowctl("webserver", "-D", "--port", str(port), *words).returncode == 0

    assert ask(port) == 200
    assert all(path.stat().st_mode & 0o077 == 0 for path in files.values())
    pid = int(files["pid"].read_text())
    assert pidfiles.holder(files["pid"]) == pid
    busy = flowctl("webserver", "--port", str(port))
    assert (busy.returncode, f"port {port}" in busy.stderr) == (1, True)
    assert "Retrying" not in busy.stderr  # as gunicorn says that finds the port taken


def test_a_reload_reads_airflow_cfg_and_drops_no_request(
    home: Path, master: int, port: int
) -> None:
    file = home / "airflow.cfg"
    first = file.read_text()
    file.write_text(first.replace("[webserver]\n", "[webserver]\nbase_url = http://x/flow\n"))
    statuses: set[int] = set()

    os.kill(master, signal.SIGHUP)
    until(
        threading.Event(),
        port,
        lambda: statuses.add(ask(port, "/flow/health")) or 200 in statuses,  # type: ignore[func-returns-value]
    )
    assert statuses <= {404, 200}

    file.write_text(first.replace("[webserver]\n", "[webserver]\nworkers = no\n"))
    os.kill(master, signal.SIGHUP)
    log = home / "flowctl-webserver.log"
    until(threading.Event(), port, lambda: "nothing is loaded anew" in log.read_text())
    assert ask(port, "/flow/health") == 200

    assert flowctl("stop").returncode == 0  # also while airflow.cfg cannot be used
    assert end_of(master)


@pytest.fixture
def lone(home: Path, port: int) -> Iterator[int]:
    """Give the port of a web server of one worker."""
    with serving(home, port, LONE):
        yield port


@pytest.fixture
def hurried(home: Path, port: int) -> Iterator[int]:
    """Give the port of a web server of one worker that waits a third of a second for clients."""
    with serving(home, port, HURRIED):
        yield port


@contextmanager
def serving(home: Path, port: int, text: str) -> Iterator[None]:
    """Run gunicorn with these settings."""
    settings = home / "settings.py"
    settings.write_text(text)
    app = "flowctl.web.app:create_app()"
    command = ["-m", "gunicorn", app, "--config", str(settings), "--bind", f"127.0.0.1:{port}"]
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, "FLOWCTL_READY_FD": str(writer)},
        pass_fds=(writer,),
    ) as process:
        os.close(writer)
        assert select.select([reader], [], [], PATIENCE_S)[0]
        os.close(reader)
        yield
        process.terminate()


@pytest.mark.parametrize(
    "said",
    [
        b"GET /health HT",  # never ends its head
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        b"Content-Type: application/json\r\n\r\n{",  # never sends its body
        b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        + TOKEN.encode()
        + b"\r\n\r\n",  # takes its answer for ever
    ],
    ids=["head", "body", "answer"],
)
def test_a_client_that_takes_for_ever_is_cut_off(hurried: int, said: bytes) -> None:
    slow = socket.create_connection(("127.0.0.1", hurried), PATIENCE_S)
    with slow, suppress(ConnectionError):  # that is how it is seen by who was even slower
        slow.sendall(said)
        while slow.recv(4096):
            pass


def test_clients_that_do_not_hang_up_delay_nobody(lone: int) -> None:
    """gunicorn alone would wait two seconds for each of them before it answers the next."""
    assert 2 * IDLE > PATIENCE_S
    with ExitStack() as open_:
        for _ in range(IDLE):
            idle = open_.enter_context(socket.create_connection(("127.0.0.1", lone)))
            idle.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        assert [ask(lone) for _ in range(4)] == [200] * 4
