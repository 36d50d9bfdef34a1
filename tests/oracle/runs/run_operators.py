"""Operators that branch by date, ask a condition, or run a function in another Python."""

import sys
from datetime import datetime, time

from airflow import DAG
from airflow.decorators import task
from airflow.operators.datetime import BranchDateTimeOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchExternalPythonOperator, ExternalPythonOperator
from airflow.operators.smooth import SmoothOperator
from airflow.operators.weekday import BranchDayOfWeekOperator


def describe(number, ds, params, *, extra=None):
    return {"sum": number + params["n"], "day": ds, "extra": extra}


def leave():
    raise SystemExit(7)


def fail():
    raise LookupError("nothing there")


def without_path(operator):
    """Keep the path of an interpreter out of the rendered fields: it is another one everywhere."""
    fields = operator.template_fields
    operator.template_fields = tuple(name for name in fields if name != "python")
    return operator


def choose(ds):
    return "at_first" if ds == "2024-01-06" else "at_last"


with DAG(
    "run_operators",
    start_date=datetime(2024, 1, 5),
    end_date=datetime(2024, 1, 7),
    schedule="@daily",
    params={"n": 2},
):
    weekend = BranchDayOfWeekOperator(
        task_id="weekend",
        week_day={"Saturday", "Sunday"},
        use_task_logical_date=True,
        follow_task_ids_if_true="rest",
        follow_task_ids_if_false=["work", "more_work"],
    )
    weekend >> [EmptyOperator(task_id=name) for name in ("rest", "work", "more_work")]

    night = BranchDateTimeOperator(
        task_id="night",
        target_lower=time(22),
        target_upper=time(1),
        use_task_logical_date=True,
        follow_task_ids_if_true="dark",
        follow_task_ids_if_false="bright",
    )
    after = BranchDateTimeOperator(
        task_id="after",
        target_lower=datetime(2024, 1, 6),
        target_upper=None,
        use_task_logical_date=True,
        follow_task_ids_if_true="late",
        follow_task_ids_if_false="early",
    )
    night >> [EmptyOperator(task_id=name) for name in ("dark", "bright")]
    after >> [EmptyOperator(task_id=name) for name in ("late", "early")]

    here = {"python": sys.executable, "expect_airflow": False}
    described = ExternalPythonOperator(
        task_id="described",
        python_callable=describe,
        op_args=[40],
        op_kwargs={"extra": "{{ run_id }}"},
        **here,
    )
    left = ExternalPythonOperator(
        task_id="left", python_callable=leave, skip_on_exit_code=[3, 7], **here
    )
    failed = ExternalPythonOperator(task_id="failed", python_callable=fail, **here)
    chosen = BranchExternalPythonOperator(task_id="chosen", python_callable=choose, **here)
    for one in (described, left, failed, chosen):
        without_path(one)
    chosen >> [EmptyOperator(task_id=name) for name in ("at_first", "at_last")]

    @task.external_python(**here)
    def double(number):
        return number * 2

    for call in (first := double(21), double(first)):
        without_path(call.operator)

    @task.run_if(lambda context: context["ds"] == "2024-01-06", "not today")
    @task
    def on_one_day():
        return 1

    @task.skip_if(lambda context: (context["ds"] == "2024-01-06", "that day"))
    @task
    def on_others():
        return "others"

    on_one_day() >> EmptyOperator(task_id="behind")
    on_others()
    SmoothOperator(task_id="smooth")
