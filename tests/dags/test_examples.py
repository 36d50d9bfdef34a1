"""Every example in `dags/` loads, explains itself, and does what it says.

The expected states are those of Apache Airflow 2.10.5, which ran the same files with `dag.test()`.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "dags"

# file -> (state of the run, states of its tasks)
EXPECTED: dict[str, tuple[str, dict[str, str]]] = {
    "clean_up_always": (
        "failed",
        {
            "fetch": "success",
            "convert": "failed",
            "publish": "upstream_failed",
            "alarm": "success",
            "clean_up": "success",
        },
    ),
    "few_at_a_time": ("success", {f"print_{number}": "success" for number in range(1, 7)}),
    "flaky_download": ("success", {"download": "success"}),
    "nightly_sales": (
        "success",
        {"extract": "success", "check": "success", "load": "success", "report": "success"},
    ),
    "past_midnight": ("success", {"write_report": "success"}),
    "tell_on_failure": ("failed", {"works": "success", "always_fails": "failed"}),
    "weekday_or_weekend": (
        "success",
        {
            "choose": "success",
            "full_report": "skipped",
            "short_report": "success",
            "deliver": "success",
        },
    ),
    "word_count": ("success", {"read": "success", "count": "success", "say": "success"}),
}
SATURDAY = "2024-06-01"
DAY_BEFORE = "2024-05-31"  # the last whole day before it: what a manual run of a daily DAG is about

RUN = f"""
import json, runpy, sys
from datetime import datetime, timezone
from flowctl.compat import install
install()
from airflow.models import DAG
(dag,) = {{id(v): v for v in runpy.run_path(sys.argv[1]).values() if isinstance(v, DAG)}}.values()
day = datetime.fromisoformat("{SATURDAY}").replace(tzinfo=timezone.utc)
run = dag.test(execution_date=day)
states = {{ti.task_id: str(ti.state) for ti in run.get_task_instances()}}
answer = {{"dag_id": dag.dag_id, "doc": dag.doc_md, "run": str(run.state), "tasks": states}}
print(json.dumps(answer))
"""


def run_example(name: str, home: Path) -> dict[str, Any]:
    """Run the example in a fresh interpreter; return what its last line of output says."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(EXAMPLES / f"{name}.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env=os.environ | {"FLOWCTL_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_every_example_is_expected() -> None:
    """A new example gets its row here."""
    assert sorted(path.stem for path in EXAMPLES.glob("*.py")) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_example_ends_as_it_says(name: str, flowctl_home: Path) -> None:
    """The run and each of its tasks end in the state that the example's text announces."""
    answer = run_example(name, flowctl_home)

    assert answer["dag_id"] == name
    assert "**Teaches:**" in answer["doc"]
    assert (answer["run"], answer["tasks"]) == EXPECTED[name]


def test_the_files_of_the_examples_hold_what_was_computed(flowctl_home: Path) -> None:
    """Reports and alarms are written below flowctl's home, and named after the run's own day."""
    for name in ("past_midnight", "tell_on_failure", "nightly_sales", "nightly_sales"):
        run_example(name, flowctl_home)
    data = flowctl_home / "data"

    assert (data / "past_midnight" / f"report-{DAY_BEFORE}.txt").exists()
    assert "tell_on_failure.always_fails failed" in (
        (data / "tell_on_failure" / "alarms.txt").read_text()
    )
    assert len((data / "nightly_sales" / f"sales-{SATURDAY}.csv").read_text().split()) == 4


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_example_needs_nothing_but_airflow_s_names(name: str) -> None:
    """It runs under flowctl and under Airflow alike, with the standard library alone."""
    tree = ast.parse((EXAMPLES / f"{name}.py").read_text())
    imported = {
        module.split(".")[0]
        for node in ast.walk(tree)
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported <= sys.stdlib_module_names | {"airflow"}
