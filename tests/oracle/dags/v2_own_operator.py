"""Operators of one's own, one derived from a stock operator; tasks know their DAG."""

from datetime import datetime

from airflow.exceptions import AirflowSkipException
from airflow.models.baseoperator import BaseOperator
from airflow.models.dag import DAG
from airflow.operators.python import PythonOperator
from airflow.utils.context import Context
from airflow.utils.state import State


class Copy(BaseOperator):
    template_fields = ("source", "target")
    template_ext = (".sql",)

    def __init__(self, *, source: str, target: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.target = target

    def execute(self, context: Context):
        if context["ti"].state == State.SKIPPED:
            raise AirflowSkipException


class Loud(PythonOperator):
    ui_color = "#f00"


dag = DAG("v2_own_operator", start_date=datetime(2024, 1, 1), schedule=None)
copy = Copy(task_id="copy", source="a_{{ ds }}", target="b", dag=dag)
loud = Loud(task_id="loud", python_callable=print, owner="loud")
copy >> loud
assert loud.dag is dag and dag.get_task("copy") is copy and dag.task_ids == ["copy", "loud"]
