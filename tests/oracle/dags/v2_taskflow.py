"""Extract, transform, load with TaskFlow; the links come from the calls."""

import json

import pendulum

from airflow.decorators import dag, task


@dag(
    schedule=None,
    start_date=pendulum.datetime(2024, 1, 1, tz="UTC"),
    catchup=False,
    tags=["taskflow"],
)
def v2_taskflow():
    """Sum up a few orders."""

    @task()
    def extract():
        return json.loads('{"1001": 301.27, "1002": 433.21}')

    @task(multiple_outputs=True)
    def transform(orders: dict):
        return {"total": sum(orders.values()), "count": len(orders)}

    @task
    def load(total: float, count: int):
        print(total, count)

    summary = transform(extract())
    load(summary["total"], summary["count"])


v2_taskflow()
