"""The stock operators at the places where Airflow 3 keeps them."""

from datetime import datetime

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import (
    BranchPythonOperator,
    PythonOperator,
    ShortCircuitOperator,
)
from airflow.sdk import DAG, Label, TaskGroup, WeightRule, chain, chain_linear, cross_downstream
from airflow.sdk.bases.operator import BaseOperator

with DAG("v3_operators", start_date=datetime(2024, 1, 1), schedule="@daily") as dag:
    choose = BranchPythonOperator(task_id="choose", python_callable=lambda: "call")
    call = PythonOperator(task_id="call", python_callable=print, weight_rule=WeightRule.UPSTREAM)
    check = ShortCircuitOperator(task_id="check", python_callable=bool)
    with TaskGroup("group") as group:
        ends = [EmptyOperator(task_id=f"end_{i}") for i in range(2)]
    choose >> Label("chosen") >> call
    chain(call, check, group)
    first, second = EmptyOperator(task_id="x"), EmptyOperator(task_id="y")
    chain_linear(ends, first)
    cross_downstream(ends, [second])
    assert isinstance(second, BaseOperator)
