"""One file that names the same things in three generations' ways."""

from datetime import datetime

import airflow.models
import airflow.sdk
from airflow import DAG
from airflow.exceptions import AirflowException
from airflow.models.baseoperator import BaseOperator
from airflow.operators.dummy import DummyOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python_operator import PythonOperator as OldPython
from airflow.providers.standard.operators.python import PythonOperator as NewPython
from airflow.sdk.exceptions import AirflowException as NewException

assert DAG is airflow.models.DAG is airflow.sdk.DAG
assert BaseOperator is airflow.models.BaseOperator is airflow.sdk.BaseOperator
assert OldPython is NewPython
assert issubclass(DummyOperator, EmptyOperator)
assert AirflowException is NewException

with DAG("mixed_generations", start_date=datetime(2024, 1, 1), schedule=None) as dag:
    DummyOperator(task_id="old") >> NewPython(task_id="new", python_callable=print)
