"""Lists on both sides, and the helpers that make many links at once."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.dummy_operator import DummyOperator
from airflow.utils.helpers import chain, cross_downstream

dag = DAG("v1_sets", start_date=datetime(2024, 1, 1), schedule_interval=timedelta(hours=6))
a, b, c, d, e, f, g, h = [DummyOperator(task_id=name, dag=dag) for name in "abcdefgh"]
cross_downstream([a, b], [c, d])
chain([c, d], [e, f], g)
g.set_downstream([h])
