"""One task for each trigger rule."""

from datetime import datetime

from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator
from airflow.utils.trigger_rule import TriggerRule

RULES = [
    "all_success",
    "all_failed",
    "all_done",
    "all_skipped",
    "one_success",
    "one_failed",
    "one_done",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "always",
]

with DAG("v2_rules", start_date=datetime(2024, 1, 1), schedule=None) as dag:
    ups = [EmptyOperator(task_id=f"up_{i}") for i in range(3)]
    for rule in RULES:
        ups >> EmptyOperator(task_id=rule, trigger_rule=rule)
    ups >> EmptyOperator(task_id="by_enum", trigger_rule=TriggerRule.ALL_DONE)
