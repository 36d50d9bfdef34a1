"""A plain interpreter finds Airflow's names through the `.pth` file of the wheel."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import flowctl.compat.on_demand
import flowctl.version

ROOT = Path(flowctl.version.__file__).parents[1]

FORGET_THE_INSTALLED_ONE = """
import sys
sys.modules.pop("_flowctl_on_demand", None)
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != "AirflowWatch"]
"""


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    """Lay out what the wheel puts into site-packages."""
    source = Path(flowctl.compat.on_demand.__file__)
    shutil.copy(source, tmp_path / "_flowctl_on_demand.py")
    shutil.copy(source.with_suffix(".pth"), tmp_path)
    return tmp_path


def run(site_packages: Path, code: str, *options: str, **settings: str) -> str:
    """Return what a plain interpreter with that site-packages prints."""
    place = str(site_packages)
    start = FORGET_THE_INSTALLED_ONE
    start += f"sys.path.insert(0, {place!r}); import site; site.addsitedir({place!r})\n"
    done = subprocess.run(
        [sys.executable, *options, "-c", start + code],
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "",
            "FLOWCTL_HOME": str(site_packages / "home"),
            **settings,
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_plain_interpreter_gets_the_names_when_it_asks(site_packages: Path) -> None:
    """Not one module of flowctl is imported before."""
    code = """
print([name for name in sys.modules if name.partition(".")[0] == "flowctl"])
from airflow.utils.dates import days_ago
import airflow
print(airflow.__spec__.origin)
"""
    assert run(site_packages, code) == "[]\nflowctl"


def test_a_real_airflow_in_the_environment_wins(site_packages: Path) -> None:
    """Only those who call `install()` want flowctl's answer there."""
    (site_packages / "airflow").mkdir()
    (site_packages / "airflow" / "__init__.py").write_text("real = True")

    assert run(site_packages, "import airflow; print(airflow.real)") == "True"


def test_a_folder_of_providers_is_no_airflow(site_packages: Path) -> None:
    """Provider packages leave `airflow/` without `__init__.py`, and Python would take that."""
    http = site_packages / "airflow" / "providers" / "http"
    http.mkdir(parents=True)
    (http / "__init__.py").write_text("from airflow.exceptions import AirflowException as error")

    code = "from airflow.providers.http import error; print(error.__module__)"
    assert run(site_packages, code) == "flowctl.authoring.exceptions"


def test_the_start_of_the_interpreter_pays_for_nothing_else(site_packages: Path) -> None:
    """Every start in this environment runs it; it must not bring modules along."""
    count = "print(len(sys.modules))"  # -S: this environment may have the file already
    with_it = run(site_packages, count, "-S")
    (site_packages / "on_demand.pth").unlink()
    assert int(with_it) - int(run(site_packages, count, "-S")) == 1


def test_a_script_gets_the_defaults_of_the_configuration(site_packages: Path) -> None:
    """`python my_dag.py` makes the DAG that the scheduler makes of that file."""
    code = """
from airflow import DAG
from airflow.operators.empty import EmptyOperator
print(EmptyOperator(task_id="t", dag=DAG("d")).retries)
"""
    assert run(site_packages, code, AIRFLOW__CORE__DEFAULT_TASK_RETRIES="2") == "2"


@pytest.mark.parametrize("package", ["flowctl", "airflow"])
def test_a_plain_script_gets_the_configured_defaults(site_packages: Path, package: str) -> None:
    """By whichever name it imports DAG, and as the scheduler reads the same file."""
    code = f"from {package} import DAG; print(DAG('d', schedule=None).max_active_runs)"

    limit = "3"
    assert run(site_packages, code, AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG=limit) == limit


def test_other_names_read_no_configuration(site_packages: Path) -> None:
    code = "import sys; from flowctl import chain; print('flowctl.config' in sys.modules)"

    assert run(site_packages, code) == "False"
