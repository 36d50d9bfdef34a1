"""The tutorial's shape in the style of 2.x: Bash, Jinja, docs, a daily schedule with catchup."""

import textwrap
from datetime import datetime, timedelta

from airflow.models.dag import DAG
from airflow.operators.bash import BashOperator

with DAG(
    "v2_tutorial",
    default_args={"depends_on_past": False, "retries": 1, "retry_delay": timedelta(minutes=5)},
    description="three small steps",
    schedule=timedelta(days=1),
    start_date=datetime(2024, 1, 1),
    catchup=True,
    tags=["example", "first"],
) as dag:
    dag.doc_md = __doc__
    t1 = BashOperator(task_id="print_date", bash_command="date")
    t2 = BashOperator(task_id="wait", depends_on_past=False, bash_command="sleep 1", retries=3)
    t1.doc_md = textwrap.dedent("""\
        #### Why
        So that one sees when it ran.
    """)
    t3 = BashOperator(
        task_id="templated",
        depends_on_past=False,
        bash_command="echo {{ ds }} {{ macros.ds_add(ds, 7) }}",
    )
    t1 >> [t2, t3]
