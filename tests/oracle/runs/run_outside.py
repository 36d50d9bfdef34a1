"""What the sensors of `run_sensors` wait for: another DAG, of which something failed."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowSkipException
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup


def fails(ti):
    raise ValueError(ti.try_number)


def skips():
    raise AirflowSkipException("as asked")


with DAG("run_outside", 
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 1),
    catchup=True,
    default_args={"retries": 1, "retry_delay": timedelta(0)},
) as dag:
    EmptyOperator(task_id="good") >> EmptyOperator(task_id="after")
    PythonOperator(task_id="bad", python_callable=fails)
    PythonOperator(task_id="skipped", python_callable=skips)
    with TaskGroup("group"):
        EmptyOperator(task_id="one")
        with TaskGroup("inner"):
            EmptyOperator(task_id="two")
    with TaskGroup("broken"):
        EmptyOperator(task_id="one")
        PythonOperator(task_id="two", python_callable=fails)

