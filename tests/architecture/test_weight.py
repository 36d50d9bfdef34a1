"""What a process does not need is not loaded: forks and commands pay for all that is.

Each check is a fresh process, since this one has loaded nearly everything.
"""

import subprocess
import sys
from pathlib import Path

import pytest

FILE = """
from datetime import datetime
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

def work(number, ti):
    return number

with DAG("d", start_date=datetime(2024, 1, 1), schedule={schedule}):
    python = PythonOperator(task_id="python", python_callable=work, op_args=[1])
    python >> BashOperator(task_id="bash", bash_command={command!r})
"""

LOAD = """
from pathlib import Path
from flowctl.compat import install
install()
from flowctl.authoring import loading
from flowctl.runner import rehearsal, zygote
rehearsal.rehearse()
dags = loading.load_file(Path({path!r}), root=Path({root!r})).dags
"""

DATES = {"pendulum", "croniter", "dateutil", "zoneinfo", "calendar"}
NOT_IN_A_ZYGOTE = DATES | {
    "argparse",
    "asyncio",
    "base64",
    "bz2",
    "ctypes",
    "difflib",
    "hashlib",
    "heapq",
    "html",
    "importlib.abc",
    "importlib.metadata",
    "jinja2",
    "jsonschema",
    "lzma",
    "random",
    "shutil",
    "sqlalchemy",
    "ssl",
    "sysconfig",
    "tempfile",
    "yaml",
    "zipfile",
}
NOT_IN_A_LIST = {
    "alembic",
    "croniter",
    "cryptography",
    "dateutil",
    "difflib",
    "flask",
    "flowctl.authoring",
    "flowctl.core.world",
    "flowctl.parsing",
    "flowctl.runner",
    "flowctl.scheduler",
    "flowctl.web",
    "jinja2",
    "jsonschema",
    "pendulum",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
    "yaml",
    "zoneinfo",
}


def loaded_by(code: str) -> set[str]:
    """Return the modules that a fresh process has after running `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def after_command(*words: str) -> set[str]:
    """Return the modules of a process in which a command ended."""
    return loaded_by(
        f"from flowctl.cli.main import main\ntry: main({words})\nexcept SystemExit: pass"
    )


def after_loading(folder: Path, schedule: str = "None", command: str = "true") -> set[str]:
    """Return the modules of a zygote that has imported a DAG file."""
    path = folder / "file.py"
    path.write_text(FILE.format(schedule=schedule, command=command))
    return loaded_by(LOAD.format(path=str(path), root=str(folder)))


def test_a_zygote_of_an_ordinary_file_is_light(tmp_path: Path) -> None:
    """It has not even what makes dates, as long as no task asks for them."""
    assert after_loading(tmp_path) & NOT_IN_A_ZYGOTE == set()


@pytest.mark.parametrize(
    "schedule", ["'@daily'", "'0 3 * * 1'", "__import__('datetime').timedelta(1)"]
)
def test_a_schedule_alone_adds_nothing(tmp_path: Path, schedule: str) -> None:
    """Who runs tasks need not know when the next run is due."""
    assert after_loading(tmp_path, schedule) & NOT_IN_A_ZYGOTE == set()


def test_what_templates_need_is_loaded_before_attempts_are_forked(tmp_path: Path) -> None:
    """Else each of them would load it for itself."""
    assert {"pendulum", "croniter"} <= after_loading(tmp_path, "'@daily'", "echo {{ ds }}")


def test_the_version_is_told_without_what_commands_need() -> None:
    """Nor does the help load it."""
    assert after_command("version") & (NOT_IN_A_ZYGOTE | {"msgspec"}) == set()


def test_a_list_of_dags_is_read_without_what_runs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLAlchemy has to be there; the code of DAG files, migrations and the web server not."""
    monkeypatch.setenv("FLOWCTL_HOME", str(tmp_path))
    after_command("db", "migrate")

    found = after_command("dags", "list")

    assert "sqlalchemy" in found
    assert found & NOT_IN_A_LIST == set()


def test_what_looks_after_the_daemons_speaks_to_no_database() -> None:
    """It runs for months beside them; what it needs of the metastore a child of it does."""
    found = loaded_by("import flowctl.cli.standalone")

    assert found & {"sqlalchemy", "flask", "werkzeug", "flowctl.authoring"} == set()
