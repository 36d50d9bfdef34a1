"""Task groups, nested, with default arguments, that run in order."""

from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup


def about(task, ti, dag):
    return [
        task.task_id,
        task.label,
        task.owner,
        task.task_group.group_id,
        sorted(dag.task_group_dict),
    ]


with DAG(
    "run_groups",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 1),
    catchup=True,
    default_args={"owner": "all"},
) as dag:
    with TaskGroup("outer", default_args={"owner": "outer"}) as outer:
        first = BashOperator(task_id="first", bash_command="echo {{ task.task_id }}")
        with TaskGroup("inner") as inner:
            second = PythonOperator(task_id="second", python_callable=about)
        with TaskGroup("flat", prefix_group_id=False) as flat:
            third = PythonOperator(task_id="third", python_callable=about)
        first >> inner >> flat
    after = BashOperator(
        task_id="after",
        bash_command="echo {{ ti.xcom_pull('outer.first') }} {{ task.upstream_task_ids }}",
    )
    outer >> after
