"""Tags, docs, display names, owners with links, templates with macros of one's own."""

from datetime import datetime

from airflow.decorators import dag, task
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator


@dag(
    "v2_texts",
    start_date=datetime(2024, 1, 1),
    schedule=None,
    tags=["b", "a"],
    dag_display_name="Texts, shown nicely",
    doc_md="# Hello",
    owner_links={"ada": "https://example.org/ada"},
    user_defined_macros={"greet": lambda name: f"hello {name}"},
    user_defined_filters={"shout": str.upper},
    default_view="graph",
    orientation="TB",
    fail_stop=False,
)
def texts():
    EmptyOperator(task_id="shown", task_display_name="Shown", owner="ada")
    BashOperator(
        task_id="templated", bash_command="echo {{ greet('you') | shout }}", env={"A": "{{ ds }}"}
    )

    @task(task_display_name="Flow", doc_md="from the call")
    def flow():
        """Has a docstring as well."""

    flow()


texts()
