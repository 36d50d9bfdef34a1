"""Templates: macros, filters, params, own names, native values, objects and files."""

from datetime import datetime

from airflow import DAG
from airflow.models.param import Param
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

ONE_DAY = {
    "schedule": "@daily",
    "start_date": datetime(2024, 2, 28),
    "end_date": datetime(2024, 2, 28),
    "catchup": True,
}
TEXTS = {
    "dates": "{{ ds }} {{ ds_nodash }} {{ ts }} {{ logical_date }} {{ execution_date }}",
    "interval": "{{ data_interval_start | ds }} {{ data_interval_end | ts_nodash }}",
    "ids": "{{ dag.dag_id }} {{ task.task_id }} {{ run_id }} {{ dag_run.run_type }} {{ ti.map_index }}",
    "key": "{{ task_instance_key_str }} {{ test_mode }} {{ ti.try_number }} {{ dag_run.conf }}",
    "macros": (
        "{{ macros.ds_add(ds, -5) }} {{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }}"
        " {{ (logical_date + macros.timedelta(days=2)) | ds }} {{ macros.json.dumps([1]) }}"
        " {{ macros.datetime(2024, 1, 1) }} {{ macros.dateutil.parser.parse(ds).year }}"
    ),
    "params": "{{ params.word }} {{ params['number'] + 1 }} {{ params.own }}",
    "names": "{{ hello('you') }} {{ word | shout }} {{ dag.description }}",
    "jinja": "{% if params.number > 3 %}big{% else %}small{% endif %} {{ [3, 1] | sort | first }}",
    "raw": "{% raw %}{{ ds }}{% endraw %} {# nothing #}",
    "missing_attribute": "{{ dag_run.conf.get('x', 'none') }}",
    "trailing": "line {{ ds }}\n",
    "inlets": "{{ inlets }} {{ outlets }} {{ expanded_ti_count }}",
}


def echo(*args, **kwargs):
    return [list(args), {key: kwargs[key] for key in ("a", "b") if key in kwargs}]


def types(number, text, mapping, mixed):
    return [[type(value).__name__, value] for value in (number, text, mapping, mixed)]


with DAG(
    "run_templates",
    **ONE_DAY,
    description="about templates",
    params={"word": "hey", "number": Param(5, type="integer", minimum=1)},
    user_defined_macros={"hello": lambda name: f"hello {name}", "word": "quiet"},
    user_defined_filters={"shout": str.upper},
):
    for name, text in TEXTS.items():
        PythonOperator(
            task_id=name,
            python_callable=echo,
            op_args=[text],
            params={"own": "task's", "word": "changed"} if name == "params" else None,
        )
    PythonOperator(
        task_id="deep",
        python_callable=echo,
        op_args=("{{ ds }}", 1, None),
        op_kwargs={"a": {"x": ["{{ ds }}", ("{{ run_id }}",)], "{{ ds }}": 1}, "b": 2.5},
        templates_dict={"t": "{{ ts }}"},
    )
    BashOperator(
        task_id="environment",
        bash_command="echo $DAY $AIRFLOW_CTX_DAG_ID $AIRFLOW_CTX_TASK_ID $AIRFLOW_CTX_TRY_NUMBER"
        " $AIRFLOW_CTX_EXECUTION_DATE $AIRFLOW_CTX_DAG_RUN_ID $AIRFLOW_CTX_DAG_OWNER",
        env={"DAY": "{{ ds }}", "PATH": "/usr/bin:/bin"},
    )

with DAG(
    "run_native", **ONE_DAY, render_template_as_native_obj=True, params={"list": [1, 2], "n": 3}
):
    PythonOperator(
        task_id="types",
        python_callable=types,
        op_args=["{{ params.n }}", "{{ ds }}", "{{ {'a': params.list} }}", "n={{ params.n }}"],
    )
    PythonOperator(task_id="plain", python_callable=types, op_args=["1", "[1]", "{'a': 1}", "True"])
