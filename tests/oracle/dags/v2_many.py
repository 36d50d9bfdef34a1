"""Several DAGs in one file, made by a function; one is never reached by a global name."""

from datetime import datetime

from airflow.models import DAG
from airflow.operators.empty import EmptyOperator


def make(name: str, size: int) -> DAG:
    with DAG(f"v2_many_{name}", start_date=datetime(2024, 1, 1), schedule=None) as dag:
        before = None
        for i in range(size):
            step = EmptyOperator(task_id=f"step_{i}")
            if before:
                before >> step
            before = step
    return dag


small = make("small", 2)
large = make("large", 30)
make("registered", 1)
DAG("v2_many_hidden", start_date=datetime(2024, 1, 1), schedule=None, auto_register=False)
