"""Tell somebody when a task failed for good."""

import os
from datetime import datetime
from pathlib import Path

from airflow import DAG
from airflow.operators.bash import BashOperator

DATA = Path(os.environ.get("FLOWCTL_HOME", "~/flowctl")).expanduser() / "data" / "tell_on_failure"


def tell(context) -> None:
    """Add a line to a file; a real one would send a message."""
    DATA.mkdir(parents=True, exist_ok=True)
    ti = context["ti"]
    with (DATA / "alarms.txt").open("a") as file:
        file.write(f"{ti.dag_id}.{ti.task_id} failed: {context['exception']}\n")


with DAG(
    dag_id="tell_on_failure",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    default_args={"on_failure_callback": tell},
    tags=["example"],
    doc_md="""
    **Teaches:** callbacks. `on_failure_callback` gets the context of the task that failed, with the
    exception in it, once no try is left. In `default_args` it counts for every task of the DAG.

    `always_fails` fails on purpose. Then `data/tell_on_failure/alarms.txt` below flowctl's home
    has one line more.
    """,
) as dag:
    BashOperator(task_id="works", bash_command="exit 0")
    BashOperator(task_id="always_fails", bash_command="echo no space left; exit 3")

if __name__ == "__main__":
    dag.test()
