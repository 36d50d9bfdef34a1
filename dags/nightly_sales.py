"""Load the sales of each night into SQLite."""

import csv
import os
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

DATA = Path(os.environ.get("FLOWCTL_HOME", "~/flowctl")).expanduser() / "data" / "nightly_sales"
SHOPS = ["Athens", "Berlin", "Cairo"]


def extract(day: str) -> str:
    """Write one file of sales for `day`, as a till would, and say where it is."""
    DATA.mkdir(parents=True, exist_ok=True)
    path = DATA / f"sales-{day}.csv"
    number = int(day.replace("-", ""))
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["shop", "cents"])
        writer.writerows([shop, (number * (i + 7)) % 90_000] for i, shop in enumerate(SHOPS))
    return str(path)


def load(day: str, path: str) -> int:
    """Put the file into the database; doing it twice gives the same rows."""
    with open(path, newline="") as file:
        rows = [(day, row["shop"], int(row["cents"])) for row in csv.DictReader(file)]
    database = sqlite3.connect(DATA / "sales.db")
    with database:
        database.execute("CREATE TABLE IF NOT EXISTS sales (day TEXT, shop TEXT, cents INTEGER)")
        database.execute("DELETE FROM sales WHERE day = ?", [day])
        database.executemany("INSERT INTO sales VALUES (?, ?, ?)", rows)
    database.close()
    return len(rows)


def report(day: str) -> None:
    """Print the total of `day`, read back from the database."""
    database = sqlite3.connect(DATA / "sales.db")
    (cents,) = database.execute("SELECT sum(cents) FROM sales WHERE day = ?", [day]).fetchone()
    database.close()
    print(f"{day}: {cents / 100:.2f}")


with DAG(
    dag_id="nightly_sales",
    schedule="0 2 * * *",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    tags=["example"],
    doc_md="""
    **Teaches:** an ordinary nightly job. Files become rows in a database, one day at a time.

    - `{{ ds }}` is the day that the run is about, not the day on which it happens to work.
    - What `extract` returns is an XCom, which the template of `load` pulls.
    - `load` replaces the rows of its day, so that a retry or a cleared run does no harm.
    """,
) as dag:
    extracted = PythonOperator(
        task_id="extract", python_callable=extract, op_kwargs={"day": "{{ ds }}"}
    )
    checked = BashOperator(
        task_id="check",
        bash_command='test "$(wc -l < "{{ ti.xcom_pull(task_ids="extract") }}")" -gt 1',
    )
    loaded = PythonOperator(
        task_id="load",
        python_callable=load,
        op_kwargs={"day": "{{ ds }}", "path": "{{ ti.xcom_pull(task_ids='extract') }}"},
    )
    reported = PythonOperator(
        task_id="report", python_callable=report, op_kwargs={"day": "{{ ds }}"}
    )

    extracted >> checked >> loaded >> reported

if __name__ == "__main__":
    dag.test()
