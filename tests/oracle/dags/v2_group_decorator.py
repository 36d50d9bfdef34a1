"""`@task_group`, called twice; the second gets a number."""

from datetime import datetime

from airflow.decorators import task, task_group
from airflow.models.dag import DAG

with DAG("v2_group_decorator", start_date=datetime(2024, 1, 1), schedule="@monthly") as dag:

    @task
    def begin():
        return 1

    @task
    def double(value):
        return value * 2

    @task
    def end(values):
        print(values)

    @task_group
    def work(value):
        """Twice the double."""
        return double(double(value))

    @task_group(group_id="named", prefix_group_id=False)
    def other(value):
        return end(value)

    x = begin()
    other([work(x), work(x)])
