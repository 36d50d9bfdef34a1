"""A branch that joins again, with the dummies of 1.10."""

from datetime import datetime

from airflow import DAG
from airflow.operators.dummy_operator import DummyOperator
from airflow.operators.python_operator import BranchPythonOperator
from airflow.utils.trigger_rule import TriggerRule

with DAG("v1_branch", start_date=datetime(2024, 1, 1), schedule_interval="@daily") as dag:
    choose = BranchPythonOperator(task_id="choose", python_callable=lambda: "left")
    join = DummyOperator(task_id="join", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    for side in ("left", "right"):
        choose >> DummyOperator(task_id=side) >> join
