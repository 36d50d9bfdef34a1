"""Operators, sensors and hooks of real provider packages, against servers of the test."""

from datetime import datetime

from airflow import DAG
from airflow.operators.generic_transfer import GenericTransfer
from airflow.providers.common.sql.operators.sql import (
    SQLColumnCheckOperator,
    SQLExecuteQueryOperator,
)
from airflow.providers.common.sql.sensors.sql import SqlSensor
from airflow.providers.http.operators.http import HttpOperator
from airflow.providers.http.sensors.http import HttpSensor
from airflow.providers.postgres.operators.postgres import PostgresOperator
from airflow.providers.slack.operators.slack_webhook import SlackWebhookOperator
from airflow.providers.ssh.operators.ssh import SSHOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
from airflow.providers.standard.sensors.filesystem import FileSensor

with DAG("provider_show", start_date=datetime(2024, 1, 1), schedule="@once"):
    get = HttpOperator(
        task_id="get",
        http_conn_id="web",
        endpoint="hello/{{ ds }}",
        method="GET",
        response_filter=lambda response: response.text.upper(),
    )
    HttpSensor(task_id="up", http_conn_id="web", endpoint="up", method="GET", poke_interval=1)
    transfer = GenericTransfer(
        task_id="transfer",
        sql="select a from t order by a",
        destination_table="u",
        source_conn_id="lite",
        destination_conn_id="pg",
        preoperator="create table u (a int)",
    )
    transfer >> SQLExecuteQueryOperator(
        task_id="moved", conn_id="pg", sql="select a from u order by a desc"
    )
    for db in ("lite", "pg"):
        make = SQLExecuteQueryOperator(
            task_id=f"{db}_make",
            conn_id=db,
            sql=["create table t (a int)", "insert into t values (1), (2)"],
        )
        make >> transfer
        make >> [
            SQLExecuteQueryOperator(
                task_id=f"{db}_read", conn_id=db, sql="select a, '{{ ds }}' from t order by a"
            ),
            SqlSensor(
                task_id=f"{db}_sensor", conn_id=db, sql="select count(*) from t", poke_interval=1
            ),
            SQLColumnCheckOperator(
                task_id=f"{db}_check",
                conn_id=db,
                table="t",
                column_mapping={"a": {"min": {"equal_to": 1}, "max": {"equal_to": 2}}},
            ),
        ]
    make >> PostgresOperator(task_id="old_name", postgres_conn_id="pg", sql="select max(a) from t")
    bash = BashOperator(
        task_id="bash",
        bash_command="echo $AIRFLOW_CTX_TASK_ID {{ ds }} $OWN",
        env={"OWN": "own"},
        append_env=True,
    )
    branch = BranchPythonOperator(task_id="branch", python_callable=lambda: "python")
    python = PythonOperator(
        task_id="python", python_callable=lambda ti, ds: [ds, ti.xcom_pull(task_ids="bash")]
    )
    passed_over = BashOperator(task_id="passed_over", bash_command="true")
    bash >> branch >> [python, passed_over]
    FileSensor(task_id="file", filepath="{{ var.value.watched }}", poke_interval=1)
    SlackWebhookOperator(task_id="slack", slack_webhook_conn_id="slk", message="hello")
    unreached = SSHOperator(task_id="ssh", ssh_conn_id="nowhere", command="true")
    get >> unreached

with DAG("provider_deferring", start_date=datetime(2024, 1, 1), schedule="@once"):
    HttpOperator(
        task_id="get", http_conn_id="web", endpoint="later", method="GET", deferrable=True
    )
