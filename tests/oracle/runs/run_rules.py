"""All trigger rules above one task each that succeeded, failed, was skipped, and mixes."""

from datetime import datetime

from airflow import DAG
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

RULES = (
    "all_success all_failed all_done all_done_setup_success one_success one_failed one_done"
    " none_failed none_failed_min_one_success none_skipped all_skipped always"
).split()


def fail():
    raise AirflowFailException("for good")


def skip():
    raise AirflowSkipException("not today")


with DAG(
    "run_rules",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 1),
    catchup=True,
    max_active_tasks=4,
) as dag:
    good = BashOperator(task_id="good", bash_command="true")
    bad = PythonOperator(task_id="bad", python_callable=fail, retries=2)
    # After the failed one: which of the two is seen first decides for what is below both.
    skipped = PythonOperator(
        task_id="skipped", python_callable=skip, retries=2, trigger_rule="all_done"
    )
    bad >> skipped
    below = BashOperator(task_id="below", bash_command="true")
    bad >> below
    mixes = {
        "good": [good],
        "bad": [bad],
        "skipped": [skipped],
        "good_bad": [good, bad],
        "good_skipped": [good, skipped],
        "bad_skipped": [bad, skipped],
        "below_good": [below, good],
        "all": [good, bad, skipped, below],
    }
    for rule in RULES:
        if rule == "all_done_setup_success":  # belongs to setup tasks
            continue
        for name, upstream in mixes.items():
            upstream >> BashOperator(
                task_id=f"{rule}__{name}", bash_command=":", trigger_rule=rule, do_xcom_push=False
            )
