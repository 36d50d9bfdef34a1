"""A cron schedule in a zone with a clock change between the runs."""

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
import pendulum

with DAG(
    "run_cron",
    schedule="30 6 * * *",
    start_date=pendulum.datetime(2024, 3, 29, tz="Europe/Berlin"),
    end_date=pendulum.datetime(2024, 4, 2, tz="Europe/Berlin"),
    catchup=True,
    max_active_runs=1,
) as dag:
    times = BashOperator(
        task_id="times",
        bash_command=(
            "echo '{{ ts }} {{ ts_nodash }} {{ ts_nodash_with_tz }} {{ ds_nodash }}"
            " {{ data_interval_start }} {{ data_interval_end }} {{ logical_date.timezone_name }}'"
        ),
    )
    neighbours = BashOperator(
        task_id="neighbours",
        bash_command=(
            "echo '{{ prev_execution_date }} {{ next_execution_date }} {{ prev_ds }} {{ next_ds }}"
            " {{ yesterday_ds }} {{ tomorrow_ds_nodash }} {{ prev_data_interval_start_success }}"
            " {{ prev_data_interval_end_success }}'"
        ),
    )
    times >> neighbours >> EmptyOperator(task_id="end")
