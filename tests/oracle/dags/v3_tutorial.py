"""All from `airflow.sdk`, as Airflow 3 wants it."""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    "v3_tutorial",
    default_args={"retries": 1, "retry_delay": timedelta(minutes=5)},
    schedule=timedelta(days=1),
    start_date=datetime(2024, 1, 1),
    catchup=False,
    tags=["example"],
) as dag:
    t1 = BashOperator(task_id="print_date", bash_command="date")
    t1 >> BashOperator(task_id="wait", bash_command="sleep 1", retries=3)
