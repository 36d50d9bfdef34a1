"""Sensors: what they wait for, in both modes, and every way in which they give up."""

import os
from datetime import datetime, time, timedelta

from airflow import DAG
from airflow.decorators import task
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.operators.empty import EmptyOperator
from airflow.models import Variable
from airflow.sensors.base import BaseSensorOperator, PokeReturnValue
from airflow.sensors.bash import BashSensor
from airflow.sensors.date_time import DateTimeSensor
from airflow.sensors.external_task import ExternalTaskMarker, ExternalTaskSensor
from airflow.sensors.filesystem import FileSensor
from airflow.sensors.python import PythonSensor
from airflow.sensors.time_delta import TimeDeltaSensor
from airflow.sensors.time_sensor import TimeSensor
from airflow.sensors.weekday import DayOfWeekSensor
from airflow.utils.weekday import WeekDay

os.environ["AIRFLOW_CONN_FS_HERE"] = '{"conn_type": "fs", "extra": {"path": "/usr"}}'

ONE_DAY = {
    "schedule": "@daily",
    "start_date": datetime(2024, 1, 1),
    "end_date": datetime(2024, 1, 1),
    "catchup": True,
    "default_args": {"retries": 1, "retry_delay": timedelta(0)},
}
LONG_S = 600  # more than all tasks take together, for those that wait for others of them
MODES = ("poke", "reschedule")
ERRORS = {"value": ValueError, "fail": AirflowFailException, "skip": AirflowSkipException}
WAYS = ("soft_fail", "never_fail", "silent_fail")


def raises(name):
    raise ERRORS[name]("as asked")


class Counting(BaseSensorOperator):
    """Is so at the third look of a try."""

    def __init__(self, *, fails_at=None, **kwargs):
        super().__init__(poke_interval=0.01, timeout=LONG_S, **kwargs)
        self.fails_at = fails_at

    def poke(self, context):
        ti = context["ti"]
        name = f"looks of {self.task_id}, try {ti.try_number}"
        looks = int(Variable.get(name, default_var=0)) + 1
        Variable.set(name, looks)
        ti.xcom_push("numbers", [ti.try_number, ti.max_tries])
        if (ti.try_number, looks) == self.fails_at:
            raise ValueError("as asked")
        return PokeReturnValue(looks == 3, xcom_value=f"{looks} looks")


with DAG("run_sensors", **ONE_DAY) as dag:
    for mode in MODES:
        soon = {"mode": mode, "poke_interval": 0.01}
        late = {**soon, "timeout": 0.05, "python_callable": lambda: False}
        Counting(task_id=f"counts_{mode}", mode=mode)
        Counting(task_id=f"fails_first_{mode}", mode=mode, fails_at=(1, 2))
        Counting(task_id=f"fails_twice_{mode}", mode=mode, fails_at=(2, 2), retries=1)
        PythonSensor(task_id=f"late_{mode}", **late)
        late_soft = PythonSensor(task_id=f"late_soft_{mode}", soft_fail=True, **late)
        late_soft >> EmptyOperator(task_id=f"after_soft_{mode}")
        late_soft >> EmptyOperator(task_id=f"after_any_{mode}", trigger_rule="all_done")
        PythonSensor(task_id=f"late_never_{mode}", never_fail=True, **late)
        for name in ERRORS:
            PythonSensor(
                task_id=f"{name}_{mode}", python_callable=raises, op_args=[name], timeout=LONG_S, **soon
            )
            for way in WAYS:
                PythonSensor(
                    task_id=f"{name}_{way}_{mode}",
                    python_callable=raises,
                    op_args=[name],
                    timeout=0.05,
                    **soon,
                    **{way: True},
                )
        BashSensor(task_id=f"bash_{mode}", bash_command="exit 0", **soon)
        BashSensor(task_id=f"bash_late_{mode}", bash_command="exit 3", timeout=0.05, **soon)
        BashSensor(
            task_id=f"bash_wrong_{mode}", bash_command="exit 4", retry_exit_code=3, **soon
        )

    @task.sensor(poke_interval=0.01, timeout=LONG_S, mode="reschedule")
    def decorated(name, ti=None):
        return PokeReturnValue(is_done=True, xcom_value={"name": name, "try": ti.try_number})

    @task
    def uses(value):
        return value

    uses(decorated("x"))

    DateTimeSensor(task_id="moment", target_time="{{ data_interval_end }}")
    DateTimeSensor(task_id="moment_given", target_time=datetime(2024, 1, 1))
    TimeDeltaSensor(task_id="delta", delta=timedelta(hours=1))
    TimeSensor(task_id="time_of_day", target_time=time(0, 0))
    DayOfWeekSensor(task_id="weekday", week_day={WeekDay.MONDAY}, use_task_logical_date=True)
    DayOfWeekSensor(
        task_id="weekday_late", week_day="Sunday", use_task_logical_date=True, timeout=0
    )
    FileSensor(task_id="file", filepath="bin", fs_conn_id="fs_here")
    FileSensor(task_id="file_pattern", filepath="{{ 'bi' }}*", fs_conn_id="fs_here")
    FileSensor(task_id="file_late", filepath="no_such", fs_conn_id="fs_here", timeout=0)

    outside = {
        "external_dag_id": "run_outside",
        "mode": "reschedule",
        "poke_interval": 0.1,
        "timeout": LONG_S,
    }
    ExternalTaskSensor(task_id="ext_task", external_task_id="good", **outside)
    ExternalTaskSensor(task_id="ext_tasks", external_task_ids=["good", "after"], **outside)
    ExternalTaskSensor(
        task_id="ext_failed", external_task_id="bad", failed_states=["failed"], **outside
    )
    ExternalTaskSensor(
        task_id="ext_failed_soft",
        external_task_id="bad",
        failed_states=["failed"],
        soft_fail=True,
        **outside,
    )
    ExternalTaskSensor(
        task_id="ext_allows_failed",
        external_task_id="bad",
        allowed_states=["failed"],
        check_existence=True,
        **outside,
    )
    ExternalTaskSensor(
        task_id="ext_skipped", external_task_id="skipped", skipped_states=["skipped"], **outside
    )
    ExternalTaskSensor(task_id="ext_group", external_task_group_id="group", **outside)
    ExternalTaskSensor(
        task_id="ext_group_failed",
        external_task_group_id="broken",
        failed_states=["failed"],
        **outside,
    )
    ExternalTaskSensor(task_id="ext_dag", allowed_states=["failed"], **outside)
    ExternalTaskSensor(
        task_id="ext_date_fn",
        external_task_id="good",
        execution_date_fn=lambda date: [date],
        **outside,
    )
    ExternalTaskSensor(
        task_id="ext_delta",
        external_task_id="good",
        execution_delta=timedelta(days=1),
        **{**outside, "timeout": 0},
    )
    ExternalTaskSensor(
        task_id="ext_nobody", external_dag_id="nobody", check_existence=True, poke_interval=0.1
    )
    ExternalTaskMarker(
        task_id="mark", external_dag_id="run_outside", external_task_id="good"
    )
