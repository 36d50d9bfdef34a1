"""The first DAG file that everybody wrote, as it was written for Airflow 1.10."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash_operator import BashOperator

default_args = {
    "owner": "maria",
    "depends_on_past": False,
    "start_date": datetime(2024, 1, 1),
    "email": ["maria@example.org"],
    "email_on_failure": False,
    "email_on_retry": False,
    "retries": 1,
    "retry_delay": timedelta(minutes=5),
}

dag = DAG("v1_tutorial", default_args=default_args, schedule_interval=timedelta(days=1))

t1 = BashOperator(task_id="print_date", bash_command="date", dag=dag)
t2 = BashOperator(task_id="wait", bash_command="sleep 1", retries=3, dag=dag)
t3 = BashOperator(
    task_id="templated",
    bash_command="{% for i in range(3) %}echo {{ ds }} {{ params.word }}\n{% endfor %}",
    params={"word": "hello"},
    dag=dag,
)

t2.set_upstream(t1)
t1.set_downstream(t3)
