"""A daily pipeline with catch-up, as the first page of any tutorial has it."""

import textwrap
from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def summarise(ds, ti, factor=1, **kwargs):
    count = int(ti.xcom_pull(task_ids="count"))
    start, end = kwargs["data_interval_start"], kwargs["data_interval_end"]
    return {"day": ds, "count": count * factor, "hours": (end - start).total_seconds() / 3600}


with DAG(
    "run_tutorial",
    default_args={
        "owner": "somebody",
        "depends_on_past": False,
        "email": ["somebody@example.com"],
        "email_on_failure": False,
        "email_on_retry": False,
        "retries": 1,
        "retry_delay": timedelta(seconds=0),
    },
    description="A pipeline for learning",
    schedule=timedelta(days=1),
    start_date=datetime(2024, 2, 27),
    end_date=datetime(2024, 3, 1),
    catchup=True,
    max_active_runs=1,
    tags=["oracle"],
) as dag:
    date = BashOperator(task_id="date", bash_command="echo {{ ds }}")
    count = BashOperator(
        task_id="count",
        depends_on_past=False,
        bash_command="echo {{ data_interval_start.day * params.times }}",
        params={"times": 3},
        retries=3,
    )
    templated = BashOperator(
        task_id="templated",
        bash_command=textwrap.dedent(
            """
            {% for i in range(3) %}
                echo "{{ ds }} {{ i }}"
                echo "{{ macros.ds_add(ds, 7) }}"
            {% endfor %}
            """
        ),
    )
    summary = PythonOperator(
        task_id="summarise", python_callable=summarise, op_kwargs={"factor": 2}
    )
    date >> [count, templated]
    count >> summary
