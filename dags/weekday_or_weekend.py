"""Take one of two ways, and meet again."""

from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator

SATURDAY = 5


def choose(logical_date: datetime) -> str:
    """Return the id of the task to go on with."""
    return "short_report" if logical_date.weekday() >= SATURDAY else "full_report"


with DAG(
    dag_id="weekday_or_weekend",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    tags=["example"],
    doc_md="""
    **Teaches:** branching. `choose` returns the id of the task that goes on; the other is skipped.

    A skip travels down the graph. `deliver` would be skipped with it under the ordinary rule
    `all_success`; `none_failed_min_one_success` lets it run after whichever way was taken.
    """,
) as dag:
    chosen = BranchPythonOperator(task_id="choose", python_callable=choose)
    full = BashOperator(task_id="full_report", bash_command="echo all numbers of {{ ds }}")
    short = BashOperator(task_id="short_report", bash_command="echo the total of {{ ds }}")
    deliver = EmptyOperator(task_id="deliver", trigger_rule="none_failed_min_one_success")

    chosen >> [full, short] >> deliver

if __name__ == "__main__":
    dag.test()
