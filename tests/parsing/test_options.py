"""The configuration reaches the parser."""

from pathlib import Path

from flowctl.config import load
from flowctl.parsing.options import Options


def test_what_is_configured_is_used(tmp_path: Path) -> None:
    """Each value in its unit; relative folders count from the home."""
    environ = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path / "mine"),
        "AIRFLOW__CORE__DAG_IGNORE_FILE_SYNTAX": "glob",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "1.5",
        "AIRFLOW__SCHEDULER__PARSING_PROCESSES": "3",
        "FLOWCTL__SCHEDULER__PARSING_MEMORY_LIMIT_MB": "100",
    }

    options = Options.from_config(load(tmp_path, environ))

    assert options.dags_folder == tmp_path / "mine"
    assert options.plugins_folder == tmp_path / "plugins"
    assert options.log_folder == tmp_path / "logs" / "scheduler"
    assert (options.ignore_syntax, options.import_timeout_s, options.processes) == ("glob", 1.5, 3)
    assert (options.memory_bytes_max, options.timeout_s) == (100 * 2**20, 50.0)


def test_examples_are_a_second_folder_with_labels_of_their_own(tmp_path: Path) -> None:
    """Unless the DAG folder is the examples' own."""
    with_examples = Options(tmp_path, load_examples=True)
    assert [root.prefix for root in with_examples.roots] == ["", "examples://"]

    examples = with_examples.roots[1].folder
    assert [root.prefix for root in Options(examples, load_examples=True).roots] == [""]
