"""Pools, limits, timeouts and retries, on the DAG and on its tasks."""

from datetime import datetime, timedelta

from airflow.models.dag import DAG
from airflow.operators.bash import BashOperator

with DAG(
    "v2_limits",
    start_date=datetime(2024, 1, 1),
    schedule="@daily",
    catchup=False,
    max_active_runs=3,
    max_active_tasks=5,
    dagrun_timeout=timedelta(hours=2),
    max_consecutive_failed_dag_runs=4,
    is_paused_upon_creation=True,
) as dag:
    BashOperator(task_id="pooled", bash_command="true", pool="narrow", pool_slots=2)
    BashOperator(
        task_id="retried",
        bash_command="false",
        retries=5,
        retry_delay=timedelta(seconds=30),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(minutes=1),
    )
    BashOperator(
        task_id="limited",
        bash_command="true",
        max_active_tis_per_dag=1,
        max_active_tis_per_dagrun=2,
        queue="slow",
        do_xcom_push=False,
    )
    BashOperator(task_id="seconds", bash_command="true", retry_delay=90, wait_for_downstream=True)
