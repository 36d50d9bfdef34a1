"""The context's values are Airflow's, and are made only when asked for."""

import json
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import ports, templates
from flowctl.authoring.context import INSTEAD, Context
from flowctl.authoring.ports import ConnectionRecord, InMemoryPorts, NoPorts, RunRow, StateRow
from flowctl.authoring.task_instance import TaskInstance
from flowctl.core.attempt import Order, RunFacts
from flowctl.core.spec import ScheduleSpec
from flowctl.runner.context import build_context
from flowctl.runner.site import Site
from tests.runner.fakes import Dag, Params, Task, attempt

ORACLE = json.loads((Path(__file__).parent / "context_oracle.json").read_text())

NAMES = (
    "conf",
    "conn",
    "dag",
    "dag_run",
    "data_interval_end",
    "data_interval_start",
    "ds",
    "ds_nodash",
    "exception",
    "execution_date",
    "expanded_ti_count",
    "inlet_events",
    "inlets",
    "logical_date",
    "macros",
    "map_index_template",
    "next_ds",
    "next_ds_nodash",
    "next_execution_date",
    "outlet_events",
    "outlets",
    "params",
    "prev_data_interval_end_success",
    "prev_data_interval_start_success",
    "prev_ds",
    "prev_ds_nodash",
    "prev_end_date_success",
    "prev_execution_date",
    "prev_execution_date_success",
    "prev_start_date_success",
    "reason",
    "run_id",
    "task",
    "task_instance",
    "task_instance_key_str",
    "templates_dict",
    "test_mode",
    "ti",
    "tomorrow_ds",
    "tomorrow_ds_nodash",
    "triggering_dataset_events",
    "try_number",
    "ts",
    "ts_nodash",
    "ts_nodash_with_tz",
    "var",
    "yesterday_ds",
    "yesterday_ds_nodash",
)
"""All 48 of Airflow 2.10's reference."""


class OneRunBefore(InMemoryPorts):
    """Ports that know the successful run of the day before."""

    def __init__(self, case: dict[str, Any]) -> None:
        super().__init__()
        self.variables = {"plain": "hello", "tree": '{"k": [1, 2]}'}
        self.connections["db"] = ConnectionRecord(
            "db", "postgres", None, "host", "me", "pw", "base", 5432, '{"x": "1"}'
        )
        day = timedelta(days=1)
        self.row = RunRow(
            "before",
            case["run_type"],
            "success",
            moment(case["logical_date"]) - day,
            moment(case["data_interval_start"]) - day,
            moment(case["data_interval_end"]) - day,
            datetime(2024, 3, 20, 1, 2, 3, tzinfo=UTC),
            datetime(2024, 3, 20, 1, 3, 3, tzinfo=UTC),
        )
        self.asked = 0
        self.states = [(case["dag_id"], StateRow("before", self.row.logical_date, "success", "t"))]

    def previous_run(self, *_: Any, **__: Any) -> RunRow | None:
        self.asked += 1
        return self.row


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class BashOperator(Task):
    """Its name is in the oracle's answers."""

    owner = "airflow"

    def __repr__(self) -> str:
        return "<Task(BashOperator): t>"


SCHEDULES = {
    "daily": ScheduleSpec(kind="cron", expression="0 0 * * *"),
    "hourly": ScheduleSpec(kind="cron", expression="30 * * * *"),
    "berlin": ScheduleSpec(kind="cron", expression="0 3 * * *", timezone="Europe/Berlin"),
    "delta": ScheduleSpec(kind="delta", delta=timedelta(hours=6)),
    "none": ScheduleSpec(),
    "once": ScheduleSpec(kind="once"),
    "continuous": ScheduleSpec(kind="continuous"),
}


def context_of(case: dict[str, Any], answers: InMemoryPorts) -> Context:
    task = BashOperator(lambda *_: None, task_id="t", params=Params(b="two"))
    dag = Dag(
        task, dag_id=case["dag_id"], params=Params(a=1), schedule_spec=SCHEDULES[case["dag_id"]]
    )
    by_hand = case["external_trigger"]
    run = RunFacts(
        pk=1,
        dag_id=case["dag_id"],
        run_id=f"{case['run_type']}__{moment(case['logical_date']).isoformat()}",
        run_type=case["run_type"],
        logical_date=moment(case["logical_date"]),
        data_interval_start=moment(case["data_interval_start"]),
        data_interval_end=moment(case["data_interval_end"]),
        external_trigger=by_hand,
        conf={"c": [3], "a": 9} if by_hand else {},
    )
    order = Order(run, 1, 1, task_id="t")
    ti = TaskInstance(order, task, answers)
    ti.state = None
    return build_context(order, dag, task, ti, answers, Site())


@pytest.fixture
def _quiet() -> Any:
    before = ports.current()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    ports.use(before)


@pytest.mark.parametrize("case", ORACLE["cases"], ids=lambda c: f"{c['dag_id']}-{c['run_type']}")
@pytest.mark.usefixtures("_quiet")
def test_every_expression_renders_as_in_airflow(case: dict[str, Any]) -> None:
    """Names, attributes, filters, macros, variables and connections, on eight runs."""
    answers = OneRunBefore(case)
    ports.use(answers)
    context = context_of(case, answers)
    env = templates.environment(context["dag"])

    wrong = {}
    for expression, expected in case["rendered"].items():
        try:
            got: Any = templates.render_text(f"{{{{ {expression} }}}}", context, env)
        except Exception as error:
            got = {"error": type(error).__name__}
        if got != expected:
            wrong[expression] = (got, expected)
    assert wrong == {}


def test_all_names_of_the_reference_are_there() -> None:
    """Three of them only once something has happened: a failure, or templates of one's own."""
    context = context_of(ORACLE["cases"][0], InMemoryPorts())

    assert set(NAMES) - set(context) == {"exception", "reason", "templates_dict"}
    assert set(context) <= {*NAMES, "triggering_asset_events"}  # 3.x's name


def test_what_nobody_asks_for_is_never_fetched() -> None:
    """A task that does not touch its context asks no port a single question."""
    task = Task(lambda _task, context: context["ds"], text="{{ ds }}")

    assert attempt(task, ports=NoPorts()).outcome.reason == ""  # type: ignore[arg-type]


def test_the_run_before_is_fetched_once() -> None:
    case = ORACLE["cases"][0]
    answers = OneRunBefore(case)
    context = context_of(case, answers)
    for name in ("prev_start_date_success", "prev_end_date_success"):
        assert context[name] is not None

    assert answers.asked == 1


def test_no_run_before_gives_none() -> None:
    context = context_of(ORACLE["cases"][0], InMemoryPorts())

    assert context["prev_data_interval_start_success"] is None


def test_a_deprecated_name_warns_once() -> None:
    context = context_of(ORACLE["cases"][0], InMemoryPorts())
    with pytest.warns(DeprecationWarning, match="'next_ds'.*data_interval_end"):
        assert context["next_ds"] == "2024-03-11"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert context["next_ds"] == "2024-03-11"


def test_handing_on_the_whole_context_does_not_warn() -> None:
    context = context_of(ORACLE["cases"][0], InMemoryPorts())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found: dict[str, Any] = dict(context.items())

    assert set(INSTEAD) <= set(found)
