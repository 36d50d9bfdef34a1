"""Start dates in zones, naive, and per task."""

from datetime import datetime

import pendulum

from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.utils import timezone

berlin = pendulum.timezone("Europe/Berlin")

with DAG("v2_zone_berlin", start_date=datetime(2024, 7, 1, tzinfo=berlin), schedule="0 6 * * *"):
    EmptyOperator(task_id="only")

with DAG(
    "v2_zone_pendulum", start_date=pendulum.datetime(2024, 7, 1, tz="Asia/Tokyo"), schedule="@daily"
):
    EmptyOperator(task_id="only")

with DAG("v2_zone_utc", start_date=timezone.datetime(2024, 7, 1), schedule="@daily"):
    EmptyOperator(task_id="only")
    EmptyOperator(task_id="later", start_date=datetime(2024, 8, 1), end_date=datetime(2024, 9, 1))

with DAG("v2_zone_of_task", schedule=None, default_args={"start_date": datetime(2024, 7, 2)}):
    EmptyOperator(task_id="only")
