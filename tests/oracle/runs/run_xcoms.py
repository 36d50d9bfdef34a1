"""What goes through an XCom, and the ways to ask for it."""

import datetime as dt
from datetime import datetime
from decimal import Decimal

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

VALUES = {
    "none": None,
    "text": "a 'quoted' \"text\" with ümlaut\n and lines",
    "number": 17,
    "real": 0.1,
    "true": True,
    "empty": "",
    "zero": 0,
    "list": [1, [2, {"three": 4}]],
    "tuple": (1, 2, ("three",)),
    "set": {7},
    "dict": {"a": {"b": [None]}},
    "moment": dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc),
    "decimal": Decimal("1.25"),
    "rows": [(1, "a"), (2, {"b": (3,)})],
    "flags": {True: 1, False: (4, (5,))},
    "nothing": {None: 1},
    "deep_tuple": (1, ({"x": (2,)},)),
    "object": object(),
}


def give(value):
    return value


def push(ti, task_instance):
    ti.xcom_push("one", 1)
    task_instance.xcom_push(key="two", value={"deep": [2]})
    ti.xcom_push("one", 11)
    return "returned"


def pull(ti, run_id):
    return {
        "one": ti.xcom_pull(task_ids="push", key="one"),
        "two": ti.xcom_pull(key="two"),
        "returned": ti.xcom_pull("push"),
        "missing": ti.xcom_pull("push", key="missing"),
        "default": ti.xcom_pull("push", key="missing", default="given"),
        "unknown": ti.xcom_pull("no_such_task"),
        "several": list(ti.xcom_pull(["give_number", "push", "give_none", "give_zero"])),
        "type_of_tuple": type(ti.xcom_pull("give_tuple")).__name__,
        "type_of_set": type(ti.xcom_pull("give_set")).__name__,
        "type_of_moment": ti.xcom_pull("give_moment").isoformat(),
        "type_of_decimal": str(ti.xcom_pull("give_decimal")),
        "types_of_rows": repr(ti.xcom_pull("give_rows")),
        "types_of_keys": repr([ti.xcom_pull("give_flags"), ti.xcom_pull("give_nothing")]),
        "types_of_deep_tuple": repr(ti.xcom_pull("give_deep_tuple")),
    }


with DAG(
    "run_xcoms",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 1),
    catchup=True,
) as dag:
    given = [
        PythonOperator(task_id=f"give_{name}", python_callable=give, op_args=[value])
        for name, value in VALUES.items()
        if name != "object"
    ]
    PythonOperator(task_id="give_object", python_callable=lambda: VALUES["object"])
    PythonOperator(task_id="silent", python_callable=give, op_args=["unheard"], do_xcom_push=False)
    pushed = PythonOperator(task_id="push", python_callable=push)
    pulled = PythonOperator(task_id="pull", python_callable=pull)
    [*given, pushed] >> pulled
    bash = BashOperator(task_id="lines", bash_command="echo first; echo ' second ' >&2; echo")
    rendered = BashOperator(
        task_id="rendered",
        bash_command=(
            'echo \'{{ ti.xcom_pull(task_ids="push", key="two")["deep"][0] }}'
            ' {{ task_instance.xcom_pull("give_list") }}\''
        ),
        env={"VALUE": pushed.output, "OTHER": "{{ ti.xcom_pull('lines') }}"},
        append_env=True,
    )
    [pulled, bash] >> rendered
    PythonOperator(
        task_id="by_argument", python_callable=give, op_kwargs={"value": given[7].output}
    )
