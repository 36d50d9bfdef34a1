"""Run Airflow's own example files under flowctl, and say where the outcome is not Airflow's.

By hand, as the answers hold texts of Airflow that do not belong here:

    python-with-airflow tests/oracle/run_airflow.py --manual FILE... > answers.json
    python -m tests.oracle.run_examples answers.json FILE...
"""

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from tests.oracle.installation import Installation
from tests.oracle.test_runs import differences


def main(answers: Path, files: list[Path]) -> None:
    """Print one line for each DAG, and one for each difference below it."""
    said = json.loads(answers.read_text())["files"]
    expected = {dag_id: runs for dags in said.values() for dag_id, runs in dags.items()}
    site = Installation(Path(tempfile.mkdtemp()) / "home", None, "LocalExecutor", files)
    with site.running():
        site.wait_for_dags(expected)
        for dag_id, runs in expected.items():
            for run in runs.values():
                site.trigger(dag_id, datetime.fromisoformat(run["logical_date"]))
        site.wait_for(expected)
        found = site.facts()
    for dag_id, runs in sorted(expected.items()):
        different = list(differences(runs, found[dag_id], dag_id))
        sys.stdout.write(f"{dag_id}: {'the same' if not different else ''}\n")
        sys.stdout.writelines(f"  {line}\n" for line in different)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
