"""A sub-DAG of Airflow 2 becomes a task group with the same tasks between the same neighbours."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import loading
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.labels import Label
from flowctl.authoring.task_group import TaskGroup
from flowctl.operators.empty import EmptyOperator
from flowctl.operators.python import BranchPythonOperator, PythonOperator
from flowctl.operators.subdag import SubDagOperator
from flowctl.runner.local import run_dag

DAY = datetime(2024, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.filterwarnings("ignore:SubDagOperator:DeprecationWarning")


def section(dag_id: str) -> DAG:
    """Return a >> group(b) >> c >> [x, y], where c chooses x and b reads the result of a."""
    with DAG(dag_id, start_date=DAY, schedule="@daily", default_args={"retries": 1}) as dag:
        a = PythonOperator(task_id="a", python_callable=lambda: 42)
        with TaskGroup("in") as group:
            PythonOperator(task_id="b", python_callable=lambda ti: ti.xcom_pull(task_ids="a"))
        c = BranchPythonOperator(task_id="c", python_callable=lambda: "x")
        a >> Label("first") >> group >> c
        c >> [EmptyOperator(task_id="x"), EmptyOperator(task_id="y")]
    return dag


def whole(**options: Any) -> DAG:
    with DAG("main", start_date=DAY, schedule=None) as dag:
        start = EmptyOperator(task_id="start")
        one = SubDagOperator(task_id="one", subdag=section("main.one"), **options)
        pull = {"dag_id": "main.one", "task_ids": "a"}
        end = PythonOperator(
            task_id="end",
            python_callable=lambda ti: ti.xcom_pull(**pull),
            trigger_rule="none_failed",
        )
        start >> one >> end
    return dag


def test_its_tasks_stand_between_its_neighbours() -> None:
    dag = whole()

    assert {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks} == {
        "start": [],
        "one.a": ["start"],
        "one.in.b": ["one.a"],
        "one.c": ["one.in.b"],
        "one.x": ["one.c"],
        "one.y": ["one.c"],
        "end": ["one.x", "one.y"],
    }
    assert {task.dag_id for task in dag.tasks} == {"main"}
    assert set(dag.task_group_dict) == {"one", "one.in"}
    assert dag.get_task("one.a").retries == 1
    assert dag.get_edge_info("one.a", "one.in.b") == {"label": "first"}


def test_its_tasks_know_each_other_by_their_old_ids() -> None:
    """In XComs and in branches; from outside by the id of the sub-DAG."""
    done = run_dag(whole(), DAY)

    left = {task: tries[-1].xcoms.get("return_value") for task, tries in done.outcomes.items()}
    assert (left["one.in.b"], left["end"]) == ("42", "42")
    assert (done.states["one.x"], done.states["one.y"]) == ("success", "skipped")


def test_its_rule_is_that_of_its_first_tasks() -> None:
    dag = whole(trigger_rule="all_done")
    rules = {task.task_id: task.trigger_rule for task in dag.tasks}
    assert (rules["one.a"], rules["one.c"]) == ("all_done", "all_success")


def test_a_sub_dag_in_a_sub_dag_works_as_well() -> None:
    middle = DAG("main.mid", start_date=DAY, schedule=None)
    SubDagOperator(task_id="one", subdag=section("main.mid.one"), dag=middle)
    dag = DAG("main", start_date=DAY, schedule=None)
    SubDagOperator(task_id="mid", subdag=middle, dag=dag)

    done = run_dag(dag, DAY)

    assert "mid.one.in.b" in done.states
    assert done.outcomes["mid.one.in.b"][-1].xcoms["return_value"] == "42"


def test_it_is_no_dag_of_the_file_any_more(tmp_path: Path) -> None:
    path = tmp_path / "file.py"
    path.write_text(
        "from tests.operators.test_subdag import section, whole\n"
        "from flowctl.operators.subdag import SubDagOperator\n"
        "main = whole()\n"
        "inner = section('main.two')\n"
        "SubDagOperator(task_id='two', subdag=inner, dag=main)\n"
    )

    assert set(loading.load_file(path, root=tmp_path).dags) == {"main"}


def test_what_is_lost_is_said() -> None:
    with pytest.warns(DeprecationWarning, match=r"nothing is done with its schedule, conf, pool"):
        whole(conf={}, pool="p")


@pytest.mark.parametrize(
    ("dag", "words"),
    [(DAG("main", schedule=None), "is called 'main.one', not 'other.one'"), (None, "is in no DAG")],
)
def test_a_sub_dag_that_does_not_fit_is_refused(dag: Any, words: str) -> None:
    with pytest.raises(AirflowException, match=words):
        SubDagOperator(task_id="one", subdag=section("other.one"), dag=dag)
