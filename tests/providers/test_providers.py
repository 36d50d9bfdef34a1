"""Real provider packages of two generations run without Airflow, in a real scheduler."""

import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.installation import Installation
from tests.providers.conftest import Environment
from tests.support.postgres import Server

HERE = Path(__file__).parent

SPRING_2025 = (
    "http==5.0.0 sqlite==4.0.0 postgres==6.0.0 common.sql==1.21.0 common.compat==1.3.0 ssh==4.0.0"
    " slack==9.0.0 standard==0.0.3 --with paramiko<4"
)
NEWEST = "http sqlite postgres common.sql ssh slack standard"

pytestmark = [pytest.mark.packages, pytest.mark.timeout(1200)]  # packages are fetched


class Web(http.server.BaseHTTPRequestHandler):
    """Says which page was asked for.

    Headers and body leave in one piece: the trigger of provider http 5.0.0 reads the body after it
    has closed its session, and finds nothing where that comes later.
    """

    wbufsize = -1

    def do_GET(self) -> None:
        self._answer(f"you asked for {self.path}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer("ok")

    def _answer(self, text: str) -> None:
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Return where a web server listens."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


EXPECTED: dict[str, Any] = {
    "get": "YOU ASKED FOR /HELLO/2024-01-01",
    "bash": "bash 2024-01-01 own",
    "lite_read": [[1, "2024-01-01"], [2, "2024-01-01"]],
    "pg_read": [[1, "2024-01-01"], [2, "2024-01-01"]],
    "old_name": [[2]],
    "moved": [[2], [1]],
    "python": ["2024-01-01", "bash 2024-01-01 own"],
}


@pytest.mark.parametrize("packages", [SPRING_2025, NEWEST], ids=["spring 2025", "newest"])
def test_provider_packages_work_without_airflow(
    packages: str, environment: Environment, port: int, postgres_server: Server, tmp_path: Path
) -> None:
    """SQL over SQLite and PostgreSQL, HTTP (also deferred), Bash, Python, files, Slack; SSH fails
    as its host is not there."""
    python = environment(*packages.split())
    with postgres_server.database() as url:
        site = Installation(
            tmp_path / "home",
            None,
            "LocalExecutor",
            [HERE / "dags" / "provider_show.py"],
            command=(python, "-m", "flowctl"),
            AIRFLOW_CONN_WEB=f"http://127.0.0.1:{port}",
            AIRFLOW_CONN_LITE=json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "lite")}),
            AIRFLOW_CONN_PG=f"postgres://{url.split('://', 1)[1]}",
            AIRFLOW_CONN_SLK=json.dumps(
                {"conn_type": "slackwebhook", "host": f"http://127.0.0.1:{port}", "password": "/x"}
            ),
            AIRFLOW_CONN_NOWHERE="ssh://nobody@127.0.0.1:1",
            AIRFLOW_CONN_FS_DEFAULT="fs:///",
            AIRFLOW_VAR_WATCHED=str(tmp_path),
        )
        run_id = "scheduled__2024-01-01T00:00:00+00:00"
        with site.running():
            site.wait_for({"provider_show": [run_id], "provider_deferring": [run_id]})
            found = site.facts()
    tasks = found["provider_show"][run_id]["tasks"]
    states = {task_id: task["state"] for task_id, task in tasks.items()}
    assert {task_id: state for task_id, state in states.items() if state != "success"} == {
        "ssh": "failed",
        "passed_over": "skipped",
    }
    returned = {name: tasks[name]["xcoms"].get("return_value") for name in EXPECTED}
    assert json.loads(json.dumps(returned)) == EXPECTED
    deferred = found["provider_deferring"][run_id]["tasks"]["get"]
    assert deferred["state"] == "success"
    assert deferred["xcoms"]["return_value"] == "you asked for /later"


def test_dag_factory_makes_dags_of_yaml_without_airflow(
    environment: Environment, tmp_path: Path
) -> None:
    """Installed by `flowctl providers add --package`, and run."""
    python = environment("--package", "dag-factory")
    site = Installation(
        tmp_path / "home",
        None,
        "LocalExecutor",
        [HERE / "yaml" / "made_of_yaml.py", HERE / "yaml" / "made_of_yaml.yaml"],
        command=(python, "-m", "flowctl"),
    )
    run_id = "scheduled__2024-01-01T00:00:00+00:00"
    with site.running():
        site.wait_for({"made_of_yaml": [run_id]})
        tasks = site.facts()["made_of_yaml"][run_id]["tasks"]
    assert {task_id: task["state"] for task_id, task in tasks.items()} == {
        "first": "success",
        "group.second": "success",
    }
    assert tasks["first"]["xcoms"]["return_value"] == "2024-01-01"


def test_values_of_other_libraries_go_through_xcoms(environment: Environment) -> None:
    """Tables of pandas, arrays of numpy, attrs, pydantic."""
    python = environment("--package", "pandas", "numpy", "attrs", "pydantic")
    done = subprocess.run(
        [python, HERE / "kept.py"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "all came back\n", done.stderr
