"""What becomes of a user's DAG: plain data, complete, the same each time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
import pytest
from dateutil.relativedelta import relativedelta

from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.labels import Label
from flowctl.authoring.params import Param
from flowctl.authoring.task_group import TaskGroup
from flowctl.core import spec
from flowctl.core.spec import (
    DagSpec,
    GroupSpec,
    ScheduleSpec,
    TaskSpec,
    decode,
    encode,
    in_order,
)
from flowctl.operators.bash import BashOperator
from flowctl.operators.empty import EmptyOperator
from flowctl.operators.python import ShortCircuitOperator
from flowctl.parsing.convert import dag_spec

START = pendulum.datetime(2024, 1, 1, tz="Europe/Zurich")


def told(**options: Any) -> DagSpec:
    return dag_spec(DAG("d", **options), "d.py")


def the_task(**options: Any) -> TaskSpec:
    dag = DAG("d", params={"shared": 1})
    EmptyOperator(task_id="t", dag=dag, **options)
    return dag_spec(dag, "d.py").tasks[0]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (None, ScheduleSpec("none", summary="None")),
        ("@once", ScheduleSpec("once", summary="@once")),
        ("@daily", ScheduleSpec("cron", expression="@daily", summary="@daily")),
        ("5 4 * * *", ScheduleSpec("cron", expression="5 4 * * *", summary="5 4 * * *")),
        (
            timedelta(hours=2),
            ScheduleSpec("delta", delta=timedelta(hours=2), summary="2:00:00"),
        ),
        (
            relativedelta(months=1),
            ScheduleSpec("delta", relative={"months": 1}, summary="relativedelta(months=+1)"),
        ),
    ],
)
def test_every_kind_of_schedule_has_its_data(schedule: Any, expected: ScheduleSpec) -> None:
    assert told(schedule=schedule).schedule == expected


def test_a_schedule_ticks_in_the_zone_of_the_start_date() -> None:
    of_dag = told(schedule="@daily", start_date=START)

    assert of_dag.schedule.timezone == of_dag.timezone == "Europe/Zurich"
    assert of_dag.start_date == datetime(2023, 12, 31, 23, tzinfo=UTC)
    assert type(of_dag.start_date) is datetime


def test_what_becomes_of_runs_that_cannot_be_made_in_time_arrives() -> None:
    of_dag = told(overlap="skip", catchup_window=timedelta(hours=3))

    assert (of_dag.overlap, of_dag.catchup_window) == ("skip", timedelta(hours=3))
    assert (told().overlap, told().catchup_window) == ("queue_all", None)


def test_the_earliest_date_of_a_task_stands_for_a_dag_without_one() -> None:
    with DAG("d") as dag:
        EmptyOperator(task_id="a", start_date=START.add(days=1))
        EmptyOperator(task_id="b", start_date=START)

    assert dag_spec(dag, "d.py").start_date == START


def test_tasks_stand_in_an_order_in_which_they_can_run() -> None:
    with DAG("d") as dag:
        late, b, a = (EmptyOperator(task_id=name) for name in ("late", "b", "a"))
        [b, a] >> late

    assert [(task.task_id, task.upstream) for task in dag_spec(dag, "d.py").tasks] == [
        ("b", ()),
        ("a", ()),
        ("late", ("a", "b")),
    ]


def test_groups_and_labels_are_kept() -> None:
    with DAG("d") as dag:
        start = EmptyOperator(task_id="start")
        with TaskGroup("g", tooltip="tip") as group, TaskGroup("h", ui_color="red"):
            EmptyOperator(task_id="a")
        start >> Label("go") >> group
    of_dag = dag_spec(dag, "d.py")

    assert of_dag.groups == (
        GroupSpec("g", None, "g", tooltip="tip"),
        GroupSpec("g.h", "g", "h", ui_color="red"),
    )
    assert [task.group for task in of_dag.tasks] == [None, "g.h"]
    assert of_dag.edge_labels == {"start>g.h.a": "go"}


def silent(context: Any) -> None: ...


@pytest.mark.parametrize(
    ("options", "field", "value"),
    [
        ({"retries": 3}, "retries", 3),
        ({"retry_delay": 5}, "retry_delay", timedelta(seconds=5)),
        ({"execution_timeout": timedelta(1)}, "execution_timeout", timedelta(1)),
        ({"mem": "2G"}, "memory_bytes", 2**31),
        ({"mem": 2**20}, "memory_bytes", 2**20),
        ({"mem": None}, "memory_bytes", None),
        ({"trigger_rule": "dummy"}, "trigger_rule", "always"),
        ({"pool": "p", "pool_slots": 2}, "pool_slots", 2),
        ({"wait_for_downstream": True}, "depends_on_past", True),
        ({"email": "a@b.c; d@e.f"}, "email", ("a@b.c", "d@e.f")),
        ({"on_failure_callback": silent}, "callbacks", ("failure",)),
        ({"on_retry_callback": [silent], "on_success_callback": []}, "callbacks", ("retry",)),
        ({"executor_config": {"a": {1}}}, "executor_config", {"a": [1]}),
        (
            {"params": {"own": 2}},
            "params",
            {"own": {"value": 2, "schema": {}, "description": None}},
        ),
        ({"doc_rst": "text"}, "doc", {"rst": "text"}),
        ({}, "is_empty", True),
        ({"on_success_callback": silent}, "is_empty", False),
        ({"on_failure_callback": silent}, "is_empty", True),
        ({"pre_execute": silent}, "is_empty", False),
    ],
)
def test_an_argument_of_a_task_arrives(options: dict[str, Any], field: str, value: Any) -> None:
    assert getattr(the_task(**options), field) == value


def test_only_operators_that_choose_can_skip_others() -> None:
    with DAG("d") as dag:
        ShortCircuitOperator(task_id="a", python_callable=bool)
        BashOperator(task_id="b", bash_command="true")

    assert [task.can_skip_others for task in dag_spec(dag, "d.py").tasks] == [True, False]


def test_a_param_without_a_default_has_no_value() -> None:
    of_dag = told(schedule=None, params={"x": Param(type="string", description="why")})

    assert of_dag.params == {"x": {"schema": {"type": "string"}, "description": "why"}}


def test_params_keep_the_order_of_their_file() -> None:
    of_dag = told(schedule=None, params={"name": "Ada", "count": 1, "day": "today"})

    assert list(in_order(decode(encode(of_dag)).params)) == ["name", "count", "day"]


def test_a_spec_survives_its_own_writing() -> None:
    with DAG("d", start_date=START, tags=["b", "a"], params={"x": 1}) as dag:
        BashOperator(task_id="a", bash_command="true") >> EmptyOperator(task_id="b")
    of_dag = dag_spec(dag, "d.py")

    assert spec.decode(spec.encode(of_dag)) == of_dag
    assert of_dag.tags == ("a", "b")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"executor_config": {"a": object()}}, "executor_config of task 't' of DAG 'd' cannot be"),
    ],
)
def test_what_json_cannot_say_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AirflowException, match=sentence):
        the_task(**options)


@pytest.mark.parametrize(
    "made",
    [
        lambda: told(schedule="0 0 31 2 *"),
        lambda: told(schedule="61 * * * *"),
        lambda: told(schedule=timedelta(0)),
        lambda: told(schedule="@daily", params={"x": Param(type="string")}),
    ],
)
def test_a_dag_that_can_never_run_on_its_schedule_is_refused(made: Callable[[], Any]) -> None:
    with pytest.raises(AirflowException, match="DAG 'd'"):
        made()
