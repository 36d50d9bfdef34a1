"""Two conditions, one of them false."""

from datetime import datetime

from airflow.models import DAG
from airflow.operators.dummy_operator import DummyOperator
from airflow.operators.python_operator import ShortCircuitOperator
from airflow.utils.helpers import chain

dag = DAG(
    dag_id="v1_short_circuit", default_args={"owner": "ops", "start_date": datetime(2024, 1, 1)}
)
go = ShortCircuitOperator(task_id="go", python_callable=lambda: True, dag=dag)
stop = ShortCircuitOperator(task_id="stop", python_callable=lambda: False, dag=dag)
chain(go, *[DummyOperator(task_id=f"yes_{i}", dag=dag) for i in range(2)])
chain(stop, *[DummyOperator(task_id=f"no_{i}", dag=dag) for i in range(2)])
