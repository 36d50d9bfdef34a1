"""Decide what runs after a failure."""

from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator

with DAG(
    dag_id="clean_up_always",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    tags=["example"],
    doc_md="""
    **Teaches:** trigger rules, which say what a task asks of the tasks before it.

    `convert` fails on purpose. `publish` wants `all_success`, the ordinary rule, and becomes
    `upstream_failed`. `alarm` runs because of `one_failed`, `clean_up` because of `all_done`.

    The run itself fails, since `publish` at the end of the graph did not succeed.
    """,
) as dag:
    fetch = BashOperator(task_id="fetch", bash_command="echo fetched")
    convert = BashOperator(task_id="convert", bash_command="echo this cannot work; exit 1")
    publish = EmptyOperator(task_id="publish")
    alarm = BashOperator(
        task_id="alarm", bash_command="echo something failed", trigger_rule="one_failed"
    )
    clean_up = BashOperator(
        task_id="clean_up", bash_command="echo cleaned", trigger_rule="all_done"
    )

    fetch >> convert >> [publish, alarm, clean_up]

if __name__ == "__main__":
    dag.test()
