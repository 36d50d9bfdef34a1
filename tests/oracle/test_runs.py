"""DAG files run under flowctl as they run under Airflow 2.10.5.

The files in `runs/` are ours; `run_airflow.py` had Airflow run them and wrote down in `runs.json`
the states, dates, tries, rendered fields and XComs that came of it. Here flowctl's own scheduler
runs them, on SQLite one task at a time and on PostgreSQL in parallel.

Some differences are known and wanted: a Decimal keeps its last zeros in an XCom, which Airflow
drops; some sensors have the template fields that Airflow 3 gave them, and extra links are XComs, as
there; and where there are no template fields, nothing is kept instead of an empty dict.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.installation import Installation

pytestmark = pytest.mark.timeout(1800)  # the first test waits for hundreds of tasks

HERE = Path(__file__).parent
FILES = sorted((HERE / "runs").glob("*.py"))
ANSWER = json.loads((HERE / "runs.json").read_text())
EXPECTED: dict[str, dict[str, Any]] = {
    dag_id: runs for dags in ANSWER["files"].values() for dag_id, runs in dags.items()
}

NEWER = ("/rendered/delta", "/rendered/fs_conn_id")
UNORDERED = ("/skipmixin_key/followed", "/skipmixin_key/skipped")  # sets, by their meaning


@pytest.fixture(scope="module", params=["sqlite, sequential", "postgresql, local"])
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, dict[str, Any]]]:
    """Return what flowctl recorded of all runs."""
    home = tmp_path_factory.mktemp("oracle") / "home"
    if request.param.startswith("sqlite"):
        yield _facts(Installation(home, None, "SequentialExecutor", FILES))
        return
    with request.getfixturevalue("postgres_server").database() as url:
        yield _facts(Installation(home, url, "LocalExecutor", FILES))


def _facts(site: Installation) -> dict[str, dict[str, Any]]:
    with site.running():
        site.wait_for(EXPECTED)
        return site.facts()


def differences(expected: Any, found: Any, where: str) -> Iterator[str]:
    """Yield each place where flowctl has not what Airflow has, and what only flowctl has."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            yield from differences(
                expected.get(key, "nothing"), found.get(key, "nothing"), f"{where}/{key}"
            )
    elif expected != found and not _is_wanted(expected, found, where):
        yield f"{where}: Airflow has {expected!r}, flowctl {found!r}"


def _is_wanted(expected: Any, found: Any, where: str) -> bool:
    """Say whether a difference is one of those that are known."""
    if where.endswith(UNORDERED):
        return sorted(expected) == sorted(found)
    is_newer = expected == "nothing" and (where.endswith(NEWER) or "/xcoms/_link_" in where)
    return is_newer or (where.endswith("/rendered") and (expected, found) == ({}, None))


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_runs_come_to_the_same(dag_id: str, found: dict[str, dict[str, Any]]) -> None:
    """The same runs, dates, states, tries, rendered fields and XComs; nothing more."""
    different = list(differences(EXPECTED[dag_id], found.get(dag_id, {}), dag_id))
    assert not different, "\n".join(different)
