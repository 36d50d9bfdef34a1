"""The commands as real processes: they start, do the work, and leave nothing behind."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from flowctl.runner import bonds, pidfiles
from tests.support.processes import PATIENCE_S, await_line, flowctl, free_port, speaking

DAG_FILE = """
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("hello", schedule=None, is_paused_upon_creation=False):
    BashOperator(task_id="say", bash_command="echo hello") >> BashOperator(
        task_id="wait", bash_command="sleep {{ dag_run.conf.get('seconds', 0) }}"
    )
"""


def is_served(port: int) -> bool:
    """Say whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def home(flowctl_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a home with a DAG; whatever runs for it is ended afterwards."""
    monkeypatch.setenv("FLOWCTL__CORE__LOAD_EXAMPLES", "False")
    monkeypatch.setenv("FLOWCTL__WEBSERVER__WORKERS", "1")
    (flowctl_home / "dags").mkdir()
    (flowctl_home / "dags" / "hello.py").write_text(DAG_FILE)
    yield flowctl_home
    flowctl("stop", "--kill", "--timeout", "3")


@pytest.fixture
def port() -> int:
    """Give a free port."""
    return free_port()


@pytest.fixture
def standalone(home: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Give a standalone that leads."""
    assert home.is_dir()
    with speaking("-m", "flowctl", "standalone", "--port", str(port)) as process:
        await_line(process, "leading")
        yield process
        process.kill()


def trigger(run_id: str, seconds: float) -> None:
    """Trigger the DAG as soon as its file was read."""
    wanted = ["dags", "trigger", "hello", "-r", run_id, "-c", f'{{"seconds": {seconds}}}']
    give_up = time.monotonic() + PATIENCE_S
    while (result := flowctl(*wanted)).returncode != 0:  # each try takes a command's time
        assert time.monotonic() < give_up, result.stderr


def test_the_version_needs_nothing(flowctl_home: Path) -> None:
    assert flowctl("version").stdout.strip() == "0.1.0"
    assert list(flowctl_home.iterdir()) == []


def test_listing_the_commands_imports_no_database() -> None:
    code = (
        "import sys; from flowctl.cli.main import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "heavy = {'sqlalchemy', 'pendulum', 'jinja2', 'alembic', 'flask', 'yaml', 'msgspec'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")


def test_listing_dags_imports_no_authoring(home: Path) -> None:
    assert home.is_dir()
    flowctl("db", "init")
    code = (
        "import sys; from flowctl.cli.main import main\n"
        "main(['dags', 'list'], standalone_mode=False)\n"
        "heavy = {'pendulum', 'jinja2', 'alembic', 'flask', 'croniter', 'jsonschema'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")


def test_verbose_shows_statements_without_values_and_the_source_of_an_error(
    flowctl_home: Path,
) -> None:
    without = flowctl("pools", "list", "-v")
    assert "Traceback" in without.stderr
    assert without.stderr.splitlines()[-1].endswith("run: flowctl db migrate")
    flowctl("db", "init")

    told = flowctl("variables", "set", "name", "secret", "-v")
    assert "INSERT INTO variable" in told.stderr
    assert f"home {flowctl_home}" in told.stderr
    assert "'name'" not in told.stderr
    assert flowctl("pools", "list").stderr == ""


def test_a_dag_runs_and_nothing_is_left(
    home: Path, port: int, standalone: "subprocess.Popen[bytes]"
) -> None:
    """The whole path: a file in a folder, a trigger, success, a log, and a clean end."""
    trigger("one", 0)
    watched = flowctl("runs", "watch", "hello", "one", "--timeout", "30")
    assert watched.returncode == 0, watched.stderr
    assert [line.split()[1:] for line in watched.stdout.splitlines() if "say" in line][-1] == [
        "success",
        "say",
    ]
    log = home / "logs" / "dag_id=hello" / "run_id=one" / "task_id=say" / "attempt=1.log"
    assert "hello" in log.read_text()
    again = flowctl("tasks", "run", "hello", "say", "one", "--force", "--timeout", "30")
    assert (again.returncode, "hello" in again.stdout) == (0, True), again.stderr
    assert "try 2 of task 'say' ended: success" in again.stderr
    with urlopen(f"http://127.0.0.1:{port}/health") as answer:
        assert b'"scheduler"' in answer.read()
    assert flowctl("jobs", "check", "--local").returncode == 0
    assert "already" in flowctl("standalone", "--port", str(free_port())).stderr
    assert f"port {port}" in flowctl("standalone", "--port", str(port)).stderr

    standalone.send_signal(signal.SIGINT)
    await_line(standalone, "everything has ended")
    assert standalone.wait(PATIENCE_S) == 0
    assert not is_served(port)
    assert pidfiles.daemons(home) == []
    assert not list(home.glob("run/**/*.pid"))
    assert bonds.runner_pid(home) is None


def test_a_killed_scheduler_is_started_again_and_the_task_runs_on(
    home: Path, standalone: "subprocess.Popen[bytes]"
) -> None:
    trigger("one", 600)
    scheduler = next(d for d in pidfiles.daemons(home) if d.kind == "scheduler")
    pidfiles.tell(scheduler, signal.SIGKILL)
    assert "killed by signal 9" in await_line(standalone, "leading")

    stopped = flowctl("stop")
    assert "The standalone" in stopped.stdout
    assert "flowctl stop --kill" in stopped.stdout
    await_line(standalone, "ending; tasks that run are not disturbed")
    await_line(standalone, "tasks run on under the runner")
    assert standalone.wait(PATIENCE_S) == 0
    assert "The runner" in flowctl("stop", "--kill").stdout
    assert bonds.runner_pid(home) is None


def test_children_do_not_outlive_a_killed_standalone(
    home: Path, port: int, standalone: "subprocess.Popen[bytes]"
) -> None:
    children = [d for d in pidfiles.daemons(home) if d.kind != "standalone"]
    standalone.kill()

    for child in children:
        assert select.select([child.pidfd], [], [], PATIENCE_S)[0], child.kind
        os.close(child.pidfd)
    assert not is_served(port)


def test_daemons_start_in_the_background(home: Path, port: int) -> None:
    refused = flowctl("scheduler", "-D")
    assert refused.returncode == 1
    assert "flowctl db migrate" in refused.stderr
    flowctl("db", "init")

    assert flowctl("scheduler", "-D", "-v").returncode == 0
    pid = int((home / "flowctl-scheduler.pid").read_text())
    assert pidfiles.holder(home / "flowctl-scheduler.pid") == pid
    assert f"process {pid}" in flowctl("scheduler", "-D").stderr
    assert "sqlalchemy.engine" in (home / "flowctl-scheduler.log").read_text()
    assert flowctl("webserver", "-D", "--port", str(port)).returncode == 0
    assert is_served(port)

    stopped = flowctl("stop", "--kill").stdout
    assert f"The scheduler (process {pid}) has ended." in stopped
    assert "tasks" not in stopped  # there were none
    with pytest.raises(URLError):
        urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
    assert list(home.glob("*.pid")) == []


def test_the_scheduler_ends_after_so_many_looks(home: Path) -> None:
    assert home.is_dir()
    flowctl("db", "init")

    assert flowctl("scheduler", "-n", "1").returncode == 0
    assert "no daemon is alive" in flowctl("jobs", "check").stderr


def test_a_dag_is_tested_without_any_daemon(home: Path) -> None:
    assert home.is_dir()
    tested = flowctl("dags", "test", "hello", "2024-03-01")
    assert tested.returncode == 0, tested.stderr
    assert "hello" in tested.stdout + tested.stderr

    rendered = flowctl("tasks", "render", "hello", "say", "2024-03-01")
    assert "echo hello" in rendered.stdout
    assert flowctl("tasks", "test", "hello", "say", "2024-03-01").returncode == 0
    assert "'nope'" in flowctl("dags", "test", "nope").stderr


MAPPED_FILE = """
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("many", schedule=None):
    BashOperator.partial(task_id="say").expand(bash_command=["echo {{ ds }}", "exit 3"])
"""


def test_one_instance_of_a_mapped_task_is_tested_by_its_index(home: Path) -> None:
    (home / "dags" / "many.py").write_text(MAPPED_FILE)
    say = ("many", "say", "2024-03-01")

    assert "the run failed: say[1]" in flowctl("dags", "test", "many").stderr
    assert "echo 2024-03-01" in flowctl("tasks", "render", *say, "--map-index", "0").stdout
    assert flowctl("tasks", "test", *say, "--map-index", "0").returncode == 0
    assert "task 'say' failed" in flowctl("tasks", "test", *say, "--map-index", "1").stderr
    assert "--map-index N" in flowctl("tasks", "test", *say).stderr
