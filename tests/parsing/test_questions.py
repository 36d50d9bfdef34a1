"""A DAG file may ask for variables and connections while it is parsed, and for nothing else."""

from dataclasses import replace

import pytest

from flowctl.authoring.ports import ConnectionRecord, InMemoryPorts
from flowctl.parsing.now import parse_now
from tests.parsing.conftest import Folder

HEAD = "from airflow import DAG\nfrom flowctl.authoring.ports import current\n"


def parsed_id(folder: Folder, expression: str) -> str:
    """Return the id of a DAG that is named by an expression."""
    ports = InMemoryPorts()
    ports.variables["team"] = "sales"
    ports.connections["db"] = ConnectionRecord("db", host="db_host")
    folder.write("asks.py", f"{HEAD}d = DAG({expression})\n")
    (result,) = parse_now(replace(folder.options), ports=ports)
    assert result.is_dynamic
    assert result.error is None
    return result.specs[0].dag_id


@pytest.mark.parametrize(
    ("expression", "dag_id"),
    [
        ("current().variable('team')", "sales"),
        ("str(current().variable('nothing'))", "None"),
        ("current().connection('db').host", "db_host"),
        ("str(current().connection('nothing'))", "None"),
    ],
)
def test_the_metastore_answers(folder: Folder, expression: str, dag_id: str) -> None:
    """What is not there is None."""
    assert parsed_id(folder, expression) == dag_id


@pytest.mark.parametrize(
    "change",
    ["set_variable('k', 'v')", "delete_variable('k')", "push_xcom(1, 'k', '1')"],
)
def test_nothing_is_changed_while_a_file_is_parsed(folder: Folder, change: str) -> None:
    """The import error says where such a thing belongs."""
    folder.write("asks.py", f"{HEAD}current().{change}\n")

    assert "do it in a task" in str(folder.parse()["asks.py"].error)


def test_without_a_metastore_the_error_says_so(folder: Folder) -> None:
    """The parser was given nobody to ask."""
    folder.write("asks.py", f"{HEAD}current().variable('x')\n")

    assert "there is no metastore to ask here" in str(folder.parse()["asks.py"].error)
