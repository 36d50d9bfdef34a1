"""What installed provider packages say of themselves; the packages here are made for the test."""

import subprocess
import sys
from pathlib import Path

import pytest

import flowctl.version
from flowctl.authoring.providers import Provider

ROOT = Path(flowctl.version.__file__).parents[1]

PACKAGE = """
from airflow.hooks.base import BaseHook

class OwnHook(BaseHook):
    conn_name_attr = "own_conn_id"
    hook_name = "Own"
    def __init__(self, own_conn_id="own_default", level=0):
        self.own_conn_id, self.level = own_conn_id, level

def about():
    return {
        "package-name": "apache-airflow-providers-own",
        "description": "An `own` thing.\\n",
        "connection-types": [
            {"connection-type": "own", "hook-class-name": "own_package.OwnHook"},
            {"connection-type": "lost", "hook-class-name": "own_package.Lost"},
        ],
        "task-decorators": [{"name": "own", "class-name": "own_package.OwnHook"}],
        "extra-links": ["own_package.Link"],
        "secrets-backends": ["own_package.Backend"],
        "dialects": [{"dialect-type": "owndb", "dialect-class-name": "own_package.Dialect"}],
        "triggers": [{"integration-name": "Own", "python-modules": ["own_package.triggers"]}],
    }
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder with one good and one broken provider package."""
    (tmp_path / "own_package.py").write_text(PACKAGE)
    for name, entry in (("own", "own_package:about"), ("broken", "nothing_there:about")):
        folder = tmp_path / f"apache_airflow_providers_{name}-1.2.dist-info"
        folder.mkdir()
        about = f"Metadata-Version: 2.1\nName: apache-airflow-providers-{name}\nVersion: 1.2\n"
        (folder / "METADATA").write_text(about)
        (folder / "entry_points.txt").write_text(
            f"[apache_airflow_provider]\nprovider_info = {entry}\n"
        )
    return tmp_path


def run(site: Path, *words: str) -> tuple[str, str]:
    """Return what a fresh Python prints that has the packages, and what it warns of."""
    done = subprocess.run(
        [sys.executable, *words],
        env={"PYTHONPATH": f"{site}:{ROOT}", "PATH": "", "FLOWCTL_HOME": str(site / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def asked(site: Path, code: str) -> list[str]:
    """Return the lines that `code` prints, with Airflow's names installed."""
    install = "import flowctl.compat; flowctl.compat.install()\n"
    return run(site, "-c", install + code)[0].splitlines()


def test_the_description_of_a_package_is_plain_text() -> None:
    about = {"description": "`Transfer (HTTP) <https://www.w3.org/>`__\n"}

    assert Provider("http", "1", about).description == "Transfer (HTTP) https://www.w3.org/"


def test_a_connection_finds_the_hook_of_its_type(site: Path) -> None:
    """With the id of the connection, and with further arguments."""
    code = """
from airflow.models import Connection
hook = Connection("mine", "own").get_hook(hook_params={"level": 3})
print(type(hook).__name__, hook.own_conn_id, hook.level)
"""
    assert asked(site, code)[0] == "OwnHook mine 3"


def test_a_hook_that_is_not_there_is_an_error_that_names_the_connection(site: Path) -> None:
    """Of a type that no package has, and of one whose class cannot be imported."""
    code = """
from airflow.models import Connection
for kind in ("nope", "lost"):
    print(Connection("mine", kind).test_connection())
"""
    first, second = asked(site, code)
    assert "no hook for connections of type 'nope', as 'mine' is one" in first
    assert "the hook own_package.Lost cannot be imported" in second


def test_packages_can_ask_for_each_other(site: Path) -> None:
    """By `ProvidersManager`, as common.sql does for its dialects."""
    code = """
from airflow.providers_manager import ProvidersManager
manager = ProvidersManager()
print(manager.providers["apache-airflow-providers-own"].version)
print(manager.hooks["own"].hook_name, manager.hooks["lost"])
print(manager.dialects["owndb"].dialect_class_name, manager.secrets_backend_class_names)
"""
    assert asked(site, code) == [
        "1.2",
        "Own None",
        "own_package.Dialect ['own_package.Backend']",
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["list"], "apache-airflow-providers-own,An own thing.,1.2"),
        (["hooks"], "own,own_package.OwnHook,own_conn_id,apache-airflow-providers-own,Own"),
        (["links"], "own_package.Link"),
        (["secrets"], "own_package.Backend"),
        (["triggers"], "apache-airflow-providers-own,own_package.triggers,Own"),
        (["get", "own"], "apache-airflow-providers-own,1.2"),
    ],
)
def test_commands_list_what_packages_bring(site: Path, words: list[str], expected: str) -> None:
    """In the columns of Airflow's commands; the broken package is warned of, and hides nothing."""
    printed, warned = run(site, "-m", "flowctl", "providers", *words, "-o", "plain")
    cells = [
        ",".join(part.strip() for part in line.split("  ") if part.strip())
        for line in printed.splitlines()
    ]
    assert expected in [cell.strip() for cell in cells]
    assert "provider package apache-airflow-providers-broken is broken" in warned
