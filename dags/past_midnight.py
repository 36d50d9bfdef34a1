"""Name a file after the day that it is about."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from airflow import DAG
from airflow.operators.python import PythonOperator

DATA = Path(os.environ.get("FLOWCTL_HOME", "~/flowctl")).expanduser() / "data" / "past_midnight"


def write_report(data_interval_start, data_interval_end) -> str:
    """Write the report of the run's own day, whenever this happens to run."""
    DATA.mkdir(parents=True, exist_ok=True)
    path = DATA / f"report-{data_interval_start:%Y-%m-%d}.txt"
    path.write_text(f"from {data_interval_start} until just before {data_interval_end}\n")
    return path.name


with DAG(
    dag_id="past_midnight",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=30)},
    tags=["example"],
    doc_md="""
    **Teaches:** which date to use. A run is about an interval, and starts when that is over.

    A task that asks for today's date names its file wrongly when a retry crosses midnight, when the
    machine was off, and in every run made up for later. `data_interval_start` is the same in each
    try of a run, and in a run of last year that is cleared today.
    """,
) as dag:
    PythonOperator(task_id="write_report", python_callable=write_report)

if __name__ == "__main__":
    dag.test()
