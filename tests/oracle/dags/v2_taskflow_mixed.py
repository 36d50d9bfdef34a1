"""TaskFlow beside classic operators, `.output`, `.override`, one function used three times."""

from datetime import datetime, timedelta
from typing import Dict

from airflow.decorators import task
from airflow.models.dag import DAG
from airflow.models.xcom_arg import XComArg
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

with DAG("v2_taskflow_mixed", start_date=datetime(2024, 1, 1), schedule="@hourly") as dag:

    @task(retries=2, retry_delay=timedelta(seconds=10))
    def number(n: int) -> int:
        return n

    @task
    def pair(a, b) -> Dict[str, int]:
        return {"a": a, "b": b}

    ask = BashOperator(task_id="ask", bash_command="echo 5")
    tell = PythonOperator(task_id="tell", python_callable=print, op_args=[ask.output])
    last = BashOperator(task_id="last", bash_command="echo {{ ti.xcom_pull('pair') }}")

    both = pair(number(1), number.override(task_id="second", retries=0)(2))
    number(3) >> last
    XComArg(tell) >> last
    both["a"] >> last
