"""`import airflow...` means flowctl, in whatever spelling; what is missing says so.

Each question is asked in an interpreter of its own: the finder changes the whole process.
"""

import subprocess
import sys
from pathlib import Path

import pytest

import flowctl.version
from flowctl.authoring import exceptions
from flowctl.compat import known_names
from flowctl.compat.names import names_in, rows

ROOT = Path(flowctl.version.__file__).parents[1]
INSTALL = "import flowctl.compat; flowctl.compat.install()\n"


def run(code: str, *, folder: Path | None = None, install: bool = True) -> str:
    """Return what `code` prints in a fresh interpreter; `folder` is first on its path."""
    done = subprocess.run(
        [sys.executable, "-c", (INSTALL if install else "") + code],
        env={"PYTHONPATH": ":".join(str(p) for p in (folder, ROOT) if p), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def error_of(statement: str, folder: Path | None = None) -> str:
    """Return the message of the ImportError that `statement` raises."""
    code = f"try:\n    {statement}\nexcept ImportError as error:\n    print(error)"
    return run(code, folder=folder)


def provider(folder: Path, name: str, source: str) -> Path:
    """Lay out a provider package as its wheel does, without `airflow/__init__.py`."""
    home = folder / "airflow" / "providers" / name
    home.mkdir(parents=True)
    (home / "__init__.py").write_text(source)
    return folder


def test_every_name_of_the_table_can_be_imported() -> None:
    """No row promises what is not there."""
    code = """
import importlib
import flowctl.version
from flowctl.compat import known_names
from flowctl.compat.names import find
for full_name in known_names():
    module, _, name = full_name.rpartition(".")
    if find(module, name).module == "flowctl.compat.dropped":
        continue  # these need a package, see test_aliases
    getattr(importlib.import_module(module), name)
print("all")
"""
    assert run(code) == "all"


def test_all_spellings_of_a_name_are_one_object() -> None:
    """1.10, 2.x and 3.x stand side by side."""
    code = """
from airflow.exceptions import AirflowException
from airflow.sdk.exceptions import AirflowException as of_3
from airflow import AirflowException as at_top
from airflow.utils import timezone
from airflow.sdk.timezone import utcnow
print(AirflowException is of_3 is at_top, timezone.utcnow is utcnow)
"""
    assert run(code) == "True True"


def test_a_name_is_imported_only_when_it_is_used() -> None:
    """The import of a package costs its users nothing but what they take out of it."""
    code = """
import sys
import airflow.models, airflow.operators, airflow.utils.timezone
print(sorted(m for m in sys.modules if m.startswith("flowctl.") and ".compat" not in m))
"""
    assert run(code) == "['flowctl.errors', 'flowctl.late']"


def test_modules_can_be_reached_as_attributes() -> None:
    """As in Airflow, where `import airflow` is enough to write `airflow.utils.dates.days_ago`."""
    assert run("import airflow; print(airflow.utils.dates.days_ago(0).hour)") == "0"


def test_a_star_import_brings_what_the_module_shows() -> None:
    """`from airflow.utils.dates import *` was common in the days of 1.10."""
    assert run("from airflow.utils.dates import *; print(days_ago(0).minute)") == "0"


def test_the_version_is_what_providers_want_to_read() -> None:
    """Providers compare it when they are imported."""
    assert run("import airflow, airflow.version as v; print(airflow.__version__ == v.version)") == (
        "True"
    )


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "from airflow.models import Nothing",
            "flowctl does not have `airflow.models.Nothing` (yet)",
        ),
        ("import airflow.jobs.job", "flowctl does not have `airflow.jobs` (yet)"),
        (
            "from airflow.models import AirflowSkipException",
            "flowctl does not have `airflow.models.AirflowSkipException` (yet);"
            " the closest it has is `airflow.exceptions.AirflowSkipException`",
        ),
        (
            "from airflow.exceptions import AirflowSkipExeption",
            "flowctl does not have `airflow.exceptions.AirflowSkipExeption` (yet);"
            " the closest it has is `airflow.exceptions.AirflowSkipException`",
        ),
        (
            "from airflow.sdk import StartOfDayMapper",
            "flowctl does not have `airflow.sdk.StartOfDayMapper`: it has no partitions of assets"
            " (yet); schedule by the asset, and let the `extra` of its events say which part is"
            " new",
        ),
        (
            "from airflow.providers.standard.operators.hitl import ApprovalOperator",
            "flowctl does not have `airflow.providers.standard.operators.hitl`: it has no tasks"
            " that wait for the answer of a person (yet); let a sensor wait for a Variable that"
            " the person sets",
        ),
        ("import airflow.providers.http", "No module named 'airflow.providers.http'"),
    ],
)
def test_a_missing_name_says_what_is_missing(statement: str, message: str) -> None:
    """A person reads which name it is, and what they may have meant."""
    assert error_of(statement) == message


def test_a_missing_name_is_no_attribute() -> None:
    """Providers ask with `hasattr` and with a default."""
    code = "import airflow.models as m; print(hasattr(m, 'Nothing'), getattr(m, 'Nothing', 7))"
    assert run(code) == "False 7"


def test_real_provider_packages_are_left_alone(tmp_path: Path) -> None:
    """Their code comes from disk, and finds flowctl's names beside it."""
    source = "from airflow.exceptions import AirflowException\nhere = __file__"
    provider(tmp_path, "http", source)

    found = run("from airflow.providers import http; print(http.here)", folder=tmp_path)

    assert found == str(tmp_path / "airflow/providers/http/__init__.py")


def test_the_standard_provider_is_answered_only_where_it_is_absent(tmp_path: Path) -> None:
    """The real package wins; beside other providers flowctl still stands in for it."""
    code = "import airflow.providers.standard.operators as o; print(o.__spec__.origin)"
    assert run(code) == "flowctl"

    provider(tmp_path, "http", "")
    assert run(code, folder=tmp_path) == "flowctl"

    provider(tmp_path, "standard", "")
    provider(tmp_path, "standard/operators", "")
    assert run(code, folder=tmp_path).startswith(str(tmp_path))


def real_airflow(folder: Path) -> Path:
    """Pretend that Apache Airflow is installed."""
    (folder / "airflow").mkdir()
    (folder / "airflow" / "__init__.py").write_text("real = True")
    (folder / "airflow" / "jobs.py").write_text("")
    return folder


def test_an_installed_airflow_counts_for_nothing_after_install(tmp_path: Path) -> None:
    """Its modules are never mixed with flowctl's."""
    folder = real_airflow(tmp_path)

    assert run("import airflow; print(hasattr(airflow, 'real'))", folder=folder) == "False"
    assert "does not have `airflow.jobs`" in error_of("import airflow.jobs", folder)


def test_install_refuses_where_airflow_is_imported_already(tmp_path: Path) -> None:
    """Half of each would be worse than either."""
    code = f"""
import airflow
from flowctl.errors import FlowctlError
try:
    {INSTALL}
except FlowctlError as error:
    print(error)
"""
    message = run(code, folder=real_airflow(tmp_path), install=False)
    assert message.startswith(f"airflow is already imported from {tmp_path}/airflow/__init__.py")


def test_installing_twice_changes_nothing() -> None:
    """Whoever needs the names calls it, without asking who was first."""
    again = "import sys; before = list(sys.meta_path); flowctl.compat.install()\n"
    assert run(again + "print(before == sys.meta_path)") == "True"


def test_objects_survive_pickle_and_inspect() -> None:
    """Their classes say where they really live."""
    code = """
import inspect, pickle
from airflow.exceptions import XComNotFound
twin = pickle.loads(pickle.dumps(XComNotFound("d", "t", "k")))
print(type(twin) is XComNotFound, twin, inspect.getmodule(XComNotFound).__name__)
"""
    said = "task 't' of DAG 'd' pushed no XCom 'k'"
    assert run(code) == f"True {said} flowctl.authoring.exceptions"


def test_no_name_is_listed_twice() -> None:
    """Two rows for one name would contradict each other sooner or later."""
    names = list(known_names())
    assert len(names) == len(set(names))
    seen = [
        (place, name.partition("=")[0])
        for _, names_of_row, places in rows()
        for place in places
        for name in names_of_row
    ]
    assert len(seen) == len(set(seen))


def test_every_exception_is_in_the_table() -> None:
    """A class that is added to the module is importable by its Airflow name."""
    classes = {
        name
        for name, value in vars(exceptions).items()
        if getattr(value, "__module__", None) == exceptions.__name__
    }
    assert set(names_in("airflow.exceptions")) == classes
