"""Decorators, groups, params and rules out of one module."""

from airflow.sdk import Param, TriggerRule, dag, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.timezone import datetime


@dag(schedule=None, start_date=datetime(2024, 1, 1), params={"n": Param(2, type="integer")})
def v3_taskflow():
    @task
    def one() -> int:
        return get_current_context()["params"]["n"]

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def two(value: int):
        raise AirflowSkipException("enough")

    @task_group
    def both():
        two(one())

    both()


v3_taskflow()
