"""DAG files mean under flowctl what they mean under Airflow 2.10.5, or 3.3.2 for newer ones.

The files in `dags/` are ours; `generate.py` wrote down in `dags.json` and `dags_3.json` what
Airflow says of them. Airflow's own example files are the matter of `test_examples.py`.
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


@pytest.mark.parametrize("file", sorted(airflow_says("dags_3.json")))
def test_a_newer_file_means_what_it_means_under_airflow_3(file: str) -> None:
    """In the same process as the files in the style of 1.10 and 2.x."""
    compare(airflow_says("dags_3.json")[file], flowctl_says(tuple(OURS))[file])


def test_a_file_may_mix_the_generations() -> None:
    """No Airflow reads it."""
    found = flowctl_says(tuple(OURS))["mixed_generations.py"]["dags"]["mixed_generations"]["tasks"]
    assert {task_id: task["upstream"] for task_id, task in found.items()} == {
        "old": [],
        "new": ["old"],
    }


def test_the_facts_are_many() -> None:
    """How many there are is printed; they are never fewer than they were."""
    files = [*airflow_says("dags.json").values(), *airflow_says("dags_3.json").values()]
    count = sum(facts_in(dags) for dags in files)
    sys.stdout.write(f"{count} facts of Airflow are compared\n")
    assert count > 4_000


def facts_in(value: Any) -> int:
    """Return how many single facts there are."""
    if isinstance(value, dict) and value:
        return sum(map(facts_in, value.values()))
    return 1
