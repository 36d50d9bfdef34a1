"""What a task inherits: from its group, from its DAG; its own word comes last."""

from datetime import datetime, timedelta

from airflow.decorators import task
from airflow.models.dag import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup

default_args = {
    "owner": "dag",
    "retries": 1,
    "retry_delay": timedelta(minutes=1),
    "depends_on_past": True,
    "priority_weight": 4,
    "pool": "shared",
    "trigger_rule": "all_done",
    "email": "ops@example.org",
    "bash_command": "echo inherited",
}

with DAG("v2_defaults", start_date=datetime(2024, 1, 1), default_args=default_args, schedule=None):
    EmptyOperator(task_id="of_dag")
    BashOperator(task_id="command_of_dag")
    with TaskGroup("group", default_args={"owner": "group", "retries": 2}):
        EmptyOperator(task_id="of_group")
        EmptyOperator(task_id="own", owner="me", retries=0, trigger_rule="all_success")

    @task(owner="flow")
    def of_flow():
        return 1

    of_flow()
