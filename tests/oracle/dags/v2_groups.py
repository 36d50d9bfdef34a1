"""Groups in groups, with and without prefix, linked as wholes and by their parts."""

from datetime import datetime

from airflow.models.dag import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup

with DAG("v2_groups", start_date=datetime(2024, 1, 1), schedule=None, catchup=False) as dag:
    start = EmptyOperator(task_id="start")
    with TaskGroup("extract", tooltip="read it all") as extract:
        first = EmptyOperator(task_id="first")
        first >> [
            BashOperator(task_id="second", bash_command="echo 1"),
            EmptyOperator(task_id="third"),
        ]
    with TaskGroup("load", ui_color="#123456", ui_fgcolor="#fff") as load:
        EmptyOperator(task_id="first")
        with TaskGroup("inner", prefix_group_id=False, default_args={"owner": "inner"}) as inner:
            one = EmptyOperator(task_id="one")
            [one, EmptyOperator(task_id="two", owner="two")] >> EmptyOperator(task_id="three")
        with TaskGroup("deep") as deep:
            with TaskGroup("deeper"):
                EmptyOperator(task_id="end")
        inner >> deep
    end = EmptyOperator(task_id="end")
    start >> extract >> load >> end
