"""Star imports, dates out of `airflow.utils.dates`, tasks made in a loop."""

from airflow import *
from airflow.operators.bash import *
from airflow.operators.dummy_operator import DummyOperator
from airflow.utils.dates import *

dag = DAG(
    "v1_star_imports",
    start_date=parse_execution_date("2024-01-01"),
    schedule_interval=cron_presets["@weekly"],
)
start = DummyOperator(task_id="start", dag=dag)
for table in ("customers", "orders"):
    load = BashOperator(task_id="load_" + table, bash_command="echo " + table, dag=dag)
    load << start
