"""DAG files mean under flowctl what they mean under Airflow 2.10.5.

The files in `dags/` are ours; `generate.py` wrote down in `dags.json` what Airflow says of them.
Airflow's own example files are compared as well where the environment variable AIRFLOW_EXAMPLES
names their folder; only facts about them are kept here, in `airflow_examples.json`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import flowctl.version

HERE = Path(__file__).parent
ROOT = Path(flowctl.version.__file__).parents[1]
OURS = sorted((HERE / "dags").glob("*.py"))
EXAMPLES = os.environ.get("AIRFLOW_EXAMPLES")


@cache
def airflow_says(name: str) -> dict[str, dict[str, Any]]:
    """Return by file and DAG what Airflow found, with what is usual filled in."""
    return filled(json.loads((HERE / name).read_text()))


def filled(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the facts by file and DAG, with what is usual filled in."""
    usual = answer["usual"]
    return {
        file: {
            dag_id: {
                **usual["dag"],
                **dag,
                "tasks": {key: {**usual["task"], **task} for key, task in dag["tasks"].items()},
            }
            for dag_id, dag in dags.items()
        }
        for file, dags in answer["files"].items()
    }


@cache
def flowctl_says(files: Sequence[Path]) -> dict[str, Any]:
    """Return by file what flowctl found, or why it refused."""
    done = subprocess.run(
        [sys.executable, str(HERE / "facts.py"), *map(str, files)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """Yield each place where what flowctl found is not what Airflow has there."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in expected:
            yield from differences(expected[key], found.get(key, "nothing"), f"{where}/{key}")
    elif where.endswith("/template_fields") and sorted(expected) == sorted(found):
        return  # Airflow makes some of these lists from sets
    elif expected != found:
        yield f"{where}: Airflow has {expected!r}, flowctl {found!r}"


def compare(expected: dict[str, Any], found: dict[str, Any]) -> None:
    """Check that a file has the same DAGs, with the same tasks and facts."""
    assert "error" not in found, found.get("error")
    assert sorted(found["dags"]) == sorted(expected)
    for dag_id, dag in expected.items():
        assert sorted(found["dags"][dag_id]["tasks"]) == sorted(dag["tasks"])
    assert list(differences(expected, found["dags"])) == []
    for dag in found["dags"].values():
        assert is_topological(dag["tasks"])


def is_topological(tasks: dict[str, Any]) -> bool:
    """Say whether every task stands after all that it waits for."""
    place = {task_id: number for number, task_id in enumerate(tasks)}
    return all(place[up] < place[key] for key, task in tasks.items() for up in task["upstream"])


@pytest.mark.parametrize("file", sorted(airflow_says("dags.json")))
def test_a_file_means_what_it_means_under_airflow(file: str) -> None:
    """The same tasks, links, groups, settings and weights."""
    compare(airflow_says("dags.json")[file], flowctl_says(tuple(OURS))[file])


def test_every_file_of_ours_was_shown_to_airflow_if_it_can_read_it() -> None:
    """Airflow 2.10.5 knows nothing of 3.x; all other files have an answer."""
    newer = {path.name for path in OURS if path.stem.startswith(("v3_", "mixed_"))}
    assert set(airflow_says("dags.json")) == {path.name for path in OURS} - newer


LINKS_OF_NEWER_FILES = {
    "v3_tutorial.py": {"v3_tutorial": ["print_date>wait"]},
    "v3_taskflow.py": {"v3_taskflow": ["both.one>both.two"]},
    "v3_operators.py": {
        "v3_operators": [
            "call>check",
            "check>group.end_0",
            "check>group.end_1",
            "choose>call",
            "group.end_0>x",
            "group.end_0>y",
            "group.end_1>x",
            "group.end_1>y",
        ]
    },
    "mixed_generations.py": {"mixed_generations": ["old>new"]},
}


@pytest.mark.parametrize("file", LINKS_OF_NEWER_FILES)
def test_files_for_airflow_3_load_beside_the_others(file: str) -> None:
    """In the same process as the files in the style of 1.10 and 2.x."""
    found = flowctl_says(tuple(OURS))[file]
    assert "error" not in found, found.get("error")
    links = {
        dag_id: sorted(
            f"{upstream}>{task_id}"
            for task_id, task in dag["tasks"].items()
            for upstream in task["upstream"]
        )
        for dag_id, dag in found["dags"].items()
    }
    assert links == LINKS_OF_NEWER_FILES[file]


REFUSED = {  # example files that need what flowctl does not have yet -> what it says
    "example_branch_datetime_operator.py": "airflow.operators.datetime",
    "example_branch_day_of_week_operator.py": "airflow.operators.weekday",
    "example_branch_operator.py": "is_venv_installed",
    "example_branch_operator_decorator.py": "is_venv_installed",
    "example_dag_decorator.py": "httpx",
    "example_dataset_alias.py": "airflow.datasets",
    "example_dataset_alias_with_no_taskflow.py": "airflow.datasets",
    "example_datasets.py": "airflow.datasets",
    "example_dynamic_task_mapping.py": "mapping",
    "example_dynamic_task_mapping_with_no_taskflow_operators.py": "mapping",
    "example_external_task_marker_dag.py": "airflow.sensors",
    "example_inlet_event_extra.py": "airflow.datasets",
    "example_kubernetes_executor.py": "airflow.example_dags",
    "example_latest_only.py": "airflow.operators.latest_only",
    "example_latest_only_with_trigger.py": "airflow.operators.latest_only",
    "example_local_kubernetes_executor.py": "airflow.example_dags",
    "example_outlet_event_extra.py": "airflow.datasets",
    "example_params_trigger_ui.py": "mapping",
    "example_python_decorator.py": "is_venv_installed",
    "example_python_operator.py": "ExternalPythonOperator",
    "example_sensor_decorator.py": "airflow.sensors",
    "example_sensors.py": "airflow.sensors",
    "example_setup_teardown.py": "setup",
    "example_setup_teardown_taskflow.py": "setup",
    "example_subdag_operator.py": "airflow.example_dags",
    "example_time_delta_sensor_async.py": "airflow.sensors",
    "example_trigger_controller_dag.py": "airflow.operators.trigger_dagrun",
    "example_workday_timetable.py": "airflow.example_dags",
    "tutorial_objectstorage.py": "requests",
    "tutorial_taskflow_api_virtualenv.py": "is_venv_installed",
}

examples_only = pytest.mark.skipif(not EXAMPLES, reason="AIRFLOW_EXAMPLES names no folder")


@cache
def examples() -> tuple[Path, ...]:
    """Return Airflow's own example files."""
    return tuple(sorted(Path(EXAMPLES or "").glob("*.py")))


@examples_only
@pytest.mark.parametrize("file", sorted(set(airflow_says("airflow_examples.json")) - set(REFUSED)))
def test_an_example_of_airflow_means_the_same(file: str) -> None:
    """Every example that needs only what flowctl has."""
    compare(airflow_says("airflow_examples.json")[file], flowctl_says(examples())[file])


@examples_only
@pytest.mark.parametrize("file", REFUSED)
def test_an_example_that_needs_more_is_refused_in_words(file: str) -> None:
    """It does not load half, and the sentence says what is missing."""
    said = flowctl_says(examples())[file].get("error", "it was read")
    assert "does not have" in said or "No module named" in said
    assert REFUSED[file] in said
