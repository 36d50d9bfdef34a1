"""Thirty secrets go in by every way there is, tasks and people use them, and none comes out.

A real standalone runs, a task fails with the secrets in its traceback. Then every file of the home,
every answer of the API, every command that shows something and the arguments of every process are
searched. `airflow.cfg` alone may hold what was written into it by hand; a file of the runner's what
an attempt was told. What tasks give each other is none of these secrets: any task of the run reads
it, as under Airflow.
"""

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowctl import config
from flowctl.cli.main import main
from flowctl.store import metastore, schema
from flowctl.web import api
from flowctl.web.routes import ROUTES
from tests.support.processes import PATIENCE_S, await_line, flowctl, free_port, speaking

api.load()

CANARIES = {number: f"canary{number:02}Qx7Zk" for number in range(1, 31)}
C = CANARIES

DAG_FILE = """
import logging, os
from datetime import timedelta

from airflow import DAG
from airflow.hooks.base import BaseHook
from airflow.models import Variable
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.configuration import conf
from airflow.utils.log.secrets_masker import mask_secret


def use(**context):
    found = [BaseHook.get_connection(name) for name in ("c1", "c2", "c3", "c4")]
    secrets = [part for one in found for part in (one.password, one.extra, one.get_uri())]
    secrets += [Variable.get(name) for name in ("api_key", "db_password", "my_token", "a_secret",
                                             "authorization")]
    secrets += [str(Variable.get("private_key", deserialize_json=True))]
    secrets += [conf.get("smtp", "smtp_password"), conf.get("webserver", "secret_key")]
    secrets += [str(context["dag_run"].conf)]
    hidden = os.environ["HIDDEN"]
    mask_secret(hidden)
    secrets.append(hidden)
    print("printed:", *secrets)
    os.system("echo child: $HIDDEN")
    os.write(1, " ".join(["raw:", *secrets, chr(10)]).encode())
    logging.getLogger("airflow.task").warning("logged: %s", secrets)
    raise ValueError(f"raised with {secrets}")


with DAG("leaky", schedule=None, is_paused_upon_creation=False) as dag:
    PythonOperator(task_id="use", python_callable=use, retries=1,
                   retry_delay=timedelta(seconds=0),
                   op_kwargs={"password": "{{ var.value.access_token }}"})
    BashOperator(task_id="shell", bash_command="echo {{ var.value.api_key }} {{ conn.c1.password }}"
                 " {{ conn.c1.extra_dejson.token }} {{ dag_run.conf.password }}; exit 3",
                 env={"MY_SECRET": "{{ var.value.a_secret }}", "PATH": os.environ["PATH"]})
"""

COMMANDS = (
    "config list --include-sources",
    "info",
    "users list -o json",
    "connections list -o json",
    "connections get c1 -o json",
    "variables list -o json",
    "dags list-runs -d leaky -o json",
    "dags details leaky -o json",
    "dags state leaky r1",
    "tasks states-for-dag-run leaky r1 -o json",
    "why leaky use",
    "plugins -o json",
    "jobs check",
)
IN_CLEAR = {("connections", "get", "c1", "-o", "json")}  # as under Airflow: it was asked for


def given(home: Path) -> dict[str, str]:
    """Return an environment with secrets, by all the ways of the configuration."""
    return {
        "AIRFLOW_CONN_C3": f"postgres://user:{C[2]}@host/db?password={C[3]}",
        "AIRFLOW_CONN_C4": json.dumps({"conn_type": "http", "password": C[4],
                                       "extra": {"api_token": C[5]}}),
        "AIRFLOW_VAR_MY_TOKEN": C[6],
        "AIRFLOW__SMTP__SMTP_PASSWORD": C[7],
        "AIRFLOW__WEBSERVER__SECRET_KEY_CMD": f"cat {home.parent / 'key'}",
        "FLOWCTL__OIDC__CLIENT_SECRET": C[9],
        "FLOWCTL__SMTP__SMTP_PASSWORD": C[7],
        "HIDDEN": C[10],
        "FLOWCTL__CORE__LOAD_EXAMPLES": "False",
        "FLOWCTL__WEBSERVER__EXPOSE_CONFIG": "True",
        "FLOWCTL__WEBSERVER__WORKERS": "1",
        "FLOWCTL__API__AUTH_BACKENDS": "airflow.api.auth.backend.basic_auth",
    }  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def home(
    request: pytest.FixtureRequest, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Give a home into which secrets were put by hand and by command, on both databases."""
    if request.param == "postgres":
        url = request.getfixturevalue("empty_postgres_url")
        monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", url)
    for name, value in given(flowctl_home).items():
        monkeypatch.setenv(name, value)
    (flowctl_home.parent / "key").write_text(C[8])
    (flowctl_home / "dags").mkdir()
    (flowctl_home / "dags" / "leaky.py").write_text(DAG_FILE)
    said("db", "init")
    said("users", "create", "-u", "ann", "-f", "A", "-l", "L", "-e", "a@x.org", "-r", "Admin",
         "-p", C[11])  # fmt: skip
    said("connections", "add", "c1", "--conn-type", "http", "--conn-password", C[12],
         "--conn-extra", json.dumps({"token": C[13], "deep": {"secret": C[14]}}))  # fmt: skip
    said("connections", "add", "c2", "--conn-uri", f"http://u:{C[15]}@h/?api_key={C[16]}")
    for name, number in (("api_key", 17), ("db_password", 18), ("a_secret", 19)):
        said("variables", "set", name, C[number])
    for name, number in (("access_token", 29), ("authorization", 30)):
        said("variables", "set", name, C[number])
    said("variables", "set", "private_key", json.dumps({"deep": [C[20]]}))
    yield flowctl_home
    flowctl("stop", "--kill", "--timeout", "3")


def said(*words: str) -> str:
    """Return what a command says; none of it is a secret."""
    config.forget()
    done = CliRunner().invoke(main, list(words), prog_name="flowctl")
    if words not in IN_CLEAR:
        no_canary(done.output, " ".join(words[:2]))
    return done.output


def closed_to_others(home: Path) -> None:
    """Make sure that nobody else on this machine reads what flowctl keeps."""
    for path in files(home):
        allowed = 0o750 if (home / "logs") in (path, *path.parents) else 0o700
        is_ours = "dags" not in path.relative_to(home).parts and path.parent.name != "versions"
        if is_ours and not path.is_socket():
            with suppress(FileNotFoundError):
                assert path.stat().st_mode & 0o777 & ~allowed == 0, path
    assert (home / "run").stat().st_mode & 0o777 == 0o700


def files(home: Path) -> Iterator[Path]:
    """Yield what lies in a home at work: some of it may be gone when it is looked at."""
    for folder, _, names in os.walk(home):
        yield from (Path(folder) / name for name in names)


def no_canary(text: str | bytes, where: str, *, but: frozenset[int] = frozenset()) -> None:
    """Make sure that a text holds none of the secrets."""
    raw = text.encode() if isinstance(text, str) else text
    found = [n for n, one in CANARIES.items() if n not in but and one.encode() in raw]
    assert not found, f"{where} holds the canaries {found}"


class Api:
    """A client that is logged in as Ann."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        connection.request(method, f"/api/v1{path}", content, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def text(self, path: str) -> str:
        try:
            return self.ask("GET", path)[1].decode()
        except ConnectionRefusedError:  # it does not listen yet
            return ""

    def until(self, is_so: Callable[[], bool]) -> None:
        """Ask until it is so."""
        deadline, never = time.monotonic() + 90, threading.Event()
        while not is_so():
            assert time.monotonic() < deadline
            never.wait(0.1)

    token = ""


@pytest.fixture
def client(home: Path) -> Iterator[Api]:
    """Give a client of a standalone that leads."""
    port = free_port()
    with speaking("-m", "flowctl", "standalone", "--port", str(port)) as process:
        assert process.stdout is not None
        told = await_line(process, "leading")
        found = Api(port)
        found.token = said("users", "create-token", "-u", "ann", "--name", "t").strip()
        yield found
        process.terminate()
        rest = process.stdout.read().decode()
        no_canary(told + rest, "the terminal")
    assert home.is_dir()


def test_no_secret_comes_out(home: Path, client: Api) -> None:
    conf = {"password": C[21], "deep": {"token": C[22], "list": [{"api_key": C[23]}]}}
    asked = ("dags", "trigger", "leaky", "-r", "r1", "-c", json.dumps(conf))
    client.until(lambda: '"leaky"' in client.text("/dags"))
    assert "r1" in said(*asked)
    more = {"dag_run_id": "r2", "conf": {"secret": C[24], "p": 1}}
    assert client.ask("POST", "/dags/leaky/dagRuns", more)[0] == 200
    client.ask(
        "POST",
        "/connections",
        {
            "connection_id": "c5",
            "conn_type": "http",
            "password": C[25],
            "extra": json.dumps({"t": C[26]}),
        },
    )
    client.ask(
        "PATCH", "/connections/c5", {"connection_id": "c5", "conn_type": "http", "password": C[27]}
    )
    client.ask("POST", "/variables", {"key": "passphrase", "value": C[28]})
    runs = [f"/dags/leaky/dagRuns/{run_id}" for run_id in ("r1", "r2")]
    client.until(lambda: all('"failed"' in client.text(run) for run in runs))

    closed_to_others(home)
    wrong = {"username": "ann", "password": C[1]}
    assert client.ask("POST", "/session", wrong)[0] == 401

    for place, answer in answers(client):
        no_canary(answer, place)
    for words in COMMANDS:
        said(*words.split())
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            no_canary(process.read_bytes(), str(process))
        except OSError:
            continue
    logs = list((home / "logs").rglob("*.log"))
    assert any(b"raised with" in log.read_bytes() for log in logs)
    assert any(b"raw: **" in log.read_bytes() for log in logs)
    for path in files(home):
        if path.is_file() and path.name != "airflow.cfg" and path.parent.name != "dags":
            with suppress(FileNotFoundError):
                no_canary(path.read_bytes(), str(path.relative_to(home)))
    no_canary(dump(), "the metastore")


def dump() -> str:
    """Return all rows of all tables as text."""
    engine = metastore.open_engine(config.load())
    with engine.connect() as conn:
        found = [str(conn.execute(one.select()).all()) for one in schema.METADATA.sorted_tables]
    engine.dispose()
    return "\n".join(found)


PARTS = {"dag_id": "leaky", "dag_run_id": "r1", "task_id": "use", "task_try_number": "1",
         "map_index": "-1", "connection_id": "c1", "variable_key": "api_key", "username": "ann",
         "role_name": "Op", "pool_name": "default_pool", "event_log_id": "1",
         "section": "smtp", "option": "smtp_password", "xcom_key": "return_value"}  # fmt: skip


def answers(client: Api) -> Iterator[tuple[str, bytes]]:
    """Yield what every route of the API answers to somebody who may see all, for every task."""
    for route in ROUTES:
        if route.method != "GET" or route.path == "/live" or "DagSource" in route.name:
            continue
        for task in ("use", "shell") if "{task_id}" in route.path else ("",):
            parts = PARTS | ({"task_id": task} if task else {})
            path = re.sub(r"{(\w+)}", lambda one, p=parts: p.get(one.group(1), "1"), route.path)  # type: ignore[misc]
            if "source" in path.lower():
                continue  # the file itself, in which DAG authors write what they like
            yield f"GET {path}", client.ask("GET", path)[1]
