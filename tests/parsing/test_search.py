"""A DAG is found among files that do not behave."""

from pathlib import Path

import pytest

from flowctl.parsing.options import Options
from flowctl.parsing.search import DagNotFound, find_dag

GOOD = "from airflow import DAG\ndag = DAG('good', schedule=None)\n"
BAD = {
    "exits.py": "import sys\nsys.exit(3)  # airflow, dag, good\n",
    "hangs.py": "while True:\n    pass  # airflow, dag, good\n",
    "raises.py": "raise GeneratorExit('airflow, dag, good')\n",
}


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Give a DAG folder where all but the last file do not behave."""
    for name, text in BAD.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "well.py").write_text(GOOD)
    return Options(dags_folder=tmp_path, import_timeout_s=0.2)


def test_files_that_exit_or_hang_are_passed_over(options: Options) -> None:
    assert find_dag(options, "good").dag_id == "good"
    assert find_dag(options, "good", likely="hangs.py").dag_id == "good"


def test_files_that_exit_or_hang_are_named_once(options: Options) -> None:
    with pytest.raises(DagNotFound) as caught:
        find_dag(options, "nope", likely="hangs.py")

    message = str(caught.value)
    assert [message.count(name) for name in BAD] == [1, 1, 1]
    assert "exits.py: SystemExit: 3" in message
    assert "core.dagbag_import_timeout" in message


def test_ctrl_c_is_not_the_fault_of_a_file(options: Options) -> None:
    (options.dags_folder / "exits.py").write_text("raise KeyboardInterrupt  # airflow, dag, good")

    with pytest.raises(KeyboardInterrupt):
        find_dag(options, "good")
