"""Every way in which a task may end: exit codes, exceptions, retries, sys.exit."""

import sys
from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def on_third_try(ti):
    if ti.try_number < 3:
        raise ValueError(f"try {ti.try_number}")
    return ti.try_number


KINDS = (ValueError, AirflowException, AirflowFailException, AirflowSkipException)


def raises(name):
    raise {kind.__name__: kind for kind in KINDS}[name]("as asked")


def leaves():
    sys.exit(0)


def leaves_badly():
    sys.exit(3)


def pushes_then_fails(ti):
    ti.xcom_push("before", ti.try_number)
    raise RuntimeError("after")


def slow():
    import time

    time.sleep(60)


with DAG(
    "run_ends",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 1),
    catchup=True,
    default_args={"retries": 0, "retry_delay": timedelta(0)},
) as dag:
    for code in (0, 1, 2, 99, 100, 255):
        BashOperator(task_id=f"exit_{code}", bash_command=f"echo said; exit {code}")
    BashOperator(task_id="own_skip", bash_command="exit 42", skip_on_exit_code=[42, 43])
    BashOperator(task_id="no_skip", bash_command="exit 99", skip_on_exit_code=None)
    BashOperator(task_id="twice", bash_command="exit 1", retries=1)
    BashOperator(task_id="killed", bash_command="kill -9 $$")
    BashOperator(task_id="unknown", bash_command="no_such_command_anywhere")
    BashOperator(task_id="wrong_cwd", bash_command="true", cwd="/no/such/folder")
    BashOperator(task_id="wrong_template", bash_command="echo {{ no_such_name }}", retries=1)
    BashOperator(task_id="wrong_syntax", bash_command="echo {{ ds ", retries=1)
    PythonOperator(task_id="third_try", python_callable=on_third_try, retries=3)
    PythonOperator(task_id="too_few_tries", python_callable=on_third_try, retries=1)
    for kind in KINDS:
        PythonOperator(
            task_id=kind.__name__, python_callable=raises, op_args=[kind.__name__], retries=1
        )
    PythonOperator(task_id="exit_zero", python_callable=leaves)
    PythonOperator(task_id="exit_three", python_callable=leaves_badly, retries=1)
    PythonOperator(task_id="pushes_then_fails", python_callable=pushes_then_fails, retries=1)
    PythonOperator(task_id="slow", python_callable=slow, execution_timeout=timedelta(seconds=0.3))
