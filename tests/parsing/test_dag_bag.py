"""`DagBag`, which people's own tests ask for all their DAGs."""

from pathlib import Path

from flowctl.parsing.dag_bag import DagBag

GOOD = """
from flowctl import DAG
from flowctl.operators.empty import EmptyOperator
with DAG({name!r}, schedule=None):
    EmptyOperator(task_id="a")
"""


def test_a_bag_holds_the_dags_of_a_folder_and_what_is_wrong_with_the_others(tmp_path: Path) -> None:
    """The errors are those that DAG authors would see."""
    (tmp_path / "good.py").write_text(GOOD.format(name="good"))
    (tmp_path / "bad.py").write_text("import airflow_is_not_here  # dag\n")
    bag = DagBag(tmp_path, include_examples=False)
    assert (bag.dag_ids, bag.size()) == (["good"], 1)
    assert bag.get_dag("good") is bag.dags["good"]
    assert list(bag.import_errors) == [str(tmp_path / "bad.py")]
    assert "No module named 'airflow_is_not_here'" in bag.import_errors[str(tmp_path / "bad.py")]


def test_a_dag_with_a_cycle_is_an_import_error(tmp_path: Path) -> None:
    """Nothing that could not run is in the bag."""
    text = GOOD.format(name="round") + "    b = EmptyOperator(task_id='b')\n"
    (tmp_path / "round.py").write_text(text + "    b >> EmptyOperator(task_id='c') >> b\n")
    bag = DagBag(tmp_path, include_examples=False)
    assert bag.dags == {}
    assert "has a cycle: b >> c >> b" in bag.import_errors[str(tmp_path / "round.py")]


def test_one_file_can_be_read_into_a_bag(tmp_path: Path) -> None:
    """By its path, or later by `process_file`."""
    path = tmp_path / "one.py"
    path.write_text(GOOD.format(name="one"))
    assert DagBag(path, include_examples=False).dag_ids == ["one"]
    bag = DagBag(tmp_path, collect_dags=False)
    assert [dag.dag_id for dag in bag.process_file(str(path))] == bag.dag_ids == ["one"]
