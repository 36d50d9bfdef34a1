"""One DAG for each kind of schedule."""

from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from airflow import DAG
from airflow.operators.empty import EmptyOperator

SCHEDULES = {
    "none": None,
    "once": "@once",
    "continuous": "@continuous",
    "hourly": "@hourly",
    "daily": "@daily",
    "weekly": "@weekly",
    "monthly": "@monthly",
    "quarterly": "@quarterly",
    "yearly": "@yearly",
    "cron": "30 2 * * 1-5",
    "delta": timedelta(hours=36),
    "relative": relativedelta(months=1),
}

for name, schedule in SCHEDULES.items():
    with DAG(
        f"v2_schedule_{name}",
        schedule=schedule,
        start_date=datetime(2024, 1, 1),
        end_date=datetime(2030, 1, 1),
        max_active_runs=1,
    ) as dag:
        EmptyOperator(task_id="only")
    globals()[dag.dag_id] = dag
