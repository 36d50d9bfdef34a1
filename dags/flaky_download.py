"""Try again when the other side is not there."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowFailException
from airflow.operators.python import PythonOperator

WORKS_ON_TRY = 3


def download(ti, params) -> str:
    """Fail twice, as a server that is starting would make us, then succeed."""
    if not params["url"].startswith("https://"):
        raise AirflowFailException("no try will make this address a good one")
    if ti.try_number < WORKS_ON_TRY:
        raise ConnectionError(f"try {ti.try_number}: the server did not answer")
    return f"came with try {ti.try_number}"


with DAG(
    dag_id="flaky_download",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"url": "https://example.org/prices.csv"},
    tags=["example"],
    doc_md="""
    **Teaches:** retries. The first two tries fail, the third succeeds; every try has its own log.

    The wait doubles from try to try, up to `max_retry_delay`. `AirflowFailException` ends the task
    at once, whatever number of tries is left: trigger it with the parameter `url` set to `ftp://x`.
    """,
) as dag:
    PythonOperator(
        task_id="download",
        python_callable=download,
        retries=4,
        retry_delay=timedelta(seconds=1),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(seconds=5),
    )

if __name__ == "__main__":
    dag.test()
