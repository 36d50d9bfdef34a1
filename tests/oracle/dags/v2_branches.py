"""Branches as decorators, one within the other."""

import random
from datetime import datetime

from airflow.decorators import task
from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator

with DAG("v2_branches", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False) as dag:

    @task.branch(task_id="outer")
    def outer() -> str:
        return random.choice(["a", "b"])

    @task.branch
    def inner(previous=None) -> str:
        return "a_1"

    join = EmptyOperator(task_id="join", trigger_rule="none_failed_min_one_success")
    a = EmptyOperator(task_id="a")
    outer() >> [a, EmptyOperator(task_id="b")] >> join
    split = inner()
    a >> split >> [EmptyOperator(task_id="a_1"), EmptyOperator(task_id="a_2")] >> join
    BranchPythonOperator(task_id="classic", python_callable=lambda: None) >> join
