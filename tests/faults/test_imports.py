"""A DAG file whose import goes wrong only in the runner ends its tasks, and nothing else."""

from pathlib import Path

import pytest

from tests.faults.conftest import running
from tests.faults.harness import DAG_FILE, Home


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("dies", "killed by signal 9"),
        ("hangs", "import took longer than 1 s"),
        ("exits", "SystemExit('no licence')"),
    ],
)
def test_a_task_whose_file_cannot_be_imported_fails_and_says_why(
    tmp_path: Path, sqlite_url: str, how: str, reason: str
) -> None:
    home = Home(tmp_path, sqlite_url)
    home.environ["FAULTS_IMPORT"] = how
    if how == "hangs":
        home.environ["AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT"] = "1"
    for _ in running(home):
        home.add(DAG_FILE.parent / "imports.py")
        home.trigger("imports")
        home.await_runs("imports")

        [task] = [row for row in home.tasks().values() if row.dag_id == "imports"]
        assert task.state == "failed"
        assert reason in task.reason
