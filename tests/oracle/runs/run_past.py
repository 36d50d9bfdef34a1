"""Runs that look at the run before them."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def report(dag_run, prev_data_interval_start_success, prev_execution_date_success, ti, **kwargs):
    previous = ti.get_previous_dagrun()
    before = ti.xcom_pull(task_ids="report", include_prior_dates=True)
    return {
        "success": str(prev_data_interval_start_success),
        "date": str(prev_execution_date_success),
        "previous": previous.run_id if previous else None,
        "prior": before["count"] if before else None,
        "count": (before["count"] if before else 0) + 1,
        "type": dag_run.run_type,
        "names": len(kwargs) > 30,
    }


with DAG(
    "run_past",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 4),
    catchup=True,
    max_active_runs=1,
    default_args={"depends_on_past": True, "retry_delay": timedelta(0)},
) as dag:
    step = BashOperator(
        task_id="step", bash_command="echo {{ ds }}; [ {{ ds }} != 2024-01-02 ] || exit 99"
    )
    after = PythonOperator(task_id="report", python_callable=report, trigger_rule="all_done")
    late = BashOperator(task_id="late", bash_command="echo late", start_date=datetime(2024, 1, 3))
    until = BashOperator(
        task_id="until",
        bash_command="echo until",
        end_date=datetime(2024, 1, 2),
        wait_for_downstream=True,
    )
    step >> after
