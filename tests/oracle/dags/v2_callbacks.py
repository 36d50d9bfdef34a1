"""Callbacks on the DAG, through default_args, and on a task."""

from datetime import datetime

from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator


def notice(context):
    print(context["ti"])


with DAG(
    "v2_callbacks",
    start_date=datetime(2024, 1, 1),
    schedule=None,
    on_failure_callback=notice,
    on_success_callback=[notice, notice],
    default_args={"on_failure_callback": notice},
) as dag:
    EmptyOperator(task_id="inherits")
    EmptyOperator(
        task_id="own",
        on_failure_callback=None,
        on_retry_callback=notice,
        on_success_callback=notice,
        on_execute_callback=notice,
        on_skipped_callback=notice,
    )
