"""Short circuits as decorator and operator, with and without regard for trigger rules."""

from datetime import datetime

from airflow.decorators import dag, task
from airflow.models.baseoperator import chain
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import ShortCircuitOperator
from airflow.utils.trigger_rule import TriggerRule


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False)
def v2_short_circuits():
    @task.short_circuit()
    def check(condition):
        return condition

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def check_politely():
        return False

    chain(check.override(task_id="true")(True), EmptyOperator(task_id="then"))
    chain(
        check_politely(),
        EmptyOperator(task_id="skipped"),
        EmptyOperator(task_id="anyhow", trigger_rule=TriggerRule.ALL_DONE),
    )
    ShortCircuitOperator(task_id="old", python_callable=bool) >> EmptyOperator(task_id="after_old")


v2_short_circuits()
