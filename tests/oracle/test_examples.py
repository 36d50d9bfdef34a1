"""Airflow's own example files mean under flowctl what they mean under Airflow.

They are not kept here, only facts about them. The tests run where the environment variable
AIRFLOW_WHEELS names a folder with unpacked wheels, as `pip download --no-deps` and `unzip` make it.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.compare_examples import answers, facts_of, wheel_of
from tests.oracle.test_oracle import HERE, differences

WHEELS = os.environ.get("AIRFLOW_WHEELS")

FOLDERS = {  # facts -> where the files are
    "2.2.5": "apache_airflow-2.2.5/airflow/example_dags",
    "2.5.3": "apache_airflow-2.5.3/airflow/example_dags",
    "2.10.5": "apache_airflow-2.10.5/airflow/example_dags",
    "3.3.2": "apache_airflow_core-3.3.2/airflow/example_dags",
    "standard": "apache_airflow_providers_standard-1.21.0/airflow/providers/standard/example_dags",
}

DIFFERENT = {
    "example_subdag_operator.py",  # a sub-DAG is a group here, not a DAG of its own
    "example_custom_weight.py",  # strategies are asked while the file is read
    "example_python_decorator.py",  # here environments can be made, that Airflow lacked virtualenv
    "example_python_operator.py",
    "example_dataset_alias.py",  # the summary of a schedule by an alias without datasets
    "example_dataset_alias_with_no_taskflow.py",
    "example_asset_decorator.py",  # the class behind @asset
}

CASES = [
    (version, file)
    for version in FOLDERS
    for file in sorted(facts_of(HERE / f"airflow_examples_{version}.json"))
]


@cache
def found(version: str) -> dict[str, Any]:
    """Return what flowctl says of all files of one wheel."""
    folder = Path(WHEELS or "", FOLDERS[version])
    return answers(sorted(folder.glob("[!_]*.py")), wheel_of(folder))


@pytest.mark.skipif(not WHEELS, reason="AIRFLOW_WHEELS names no folder")
@pytest.mark.parametrize(("version", "file"), CASES)
def test_an_example_of_airflow_means_the_same(version: str, file: str) -> None:
    """Or it is not read, for a reason that stands in `examples_not_read.json`."""
    reason = json.loads((HERE / "examples_not_read.json").read_text()).get(version, {}).get(file)
    said = found(version)[file]
    if reason is not None:
        assert reason in said.get("error", "it was read")
        return
    assert "error" not in said, said["error"]
    expected = facts_of(HERE / f"airflow_examples_{version}.json")[file]
    found_different = [
        line
        for line in differences(expected, said["dags"])
        if "/template_fields: " not in line  # which grew from version to version
        and ": Airflow has None, " not in line  # a mapped task there does not know these
    ]
    assert not found_different or file in DIFFERENT
