"""Labels on the links of a branch."""

from datetime import datetime

from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator
from airflow.utils.edgemodifier import Label

with DAG("v2_labels", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False) as dag:
    ingest = EmptyOperator(task_id="ingest")
    check = EmptyOperator(task_id="check")
    save = EmptyOperator(task_id="save")
    tell = EmptyOperator(task_id="tell")
    ingest >> check
    check >> Label("no errors") >> save
    check >> Label("errors found") >> [tell, EmptyOperator(task_id="log")]
