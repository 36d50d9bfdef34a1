"""Python callables with `provide_context`, as in 1.10."""

from datetime import datetime

from airflow.models import DAG
from airflow.operators.python_operator import PythonOperator


def show(ds, **kwargs):
    return ds


def add(a, b):
    return a + b


dag = DAG(
    dag_id="v1_python",
    start_date=datetime(2024, 1, 1),
    schedule_interval="0 6 * * 1-5",
    catchup=False,
)
first = PythonOperator(task_id="show", provide_context=True, python_callable=show, dag=dag)
second = PythonOperator(
    task_id="add", python_callable=add, op_args=[1], op_kwargs={"b": 2}, dag=dag
)
first >> second
