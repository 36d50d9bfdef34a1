"""Every argument of Airflow's DAG and BaseOperator is honoured, or says in one warning what not.

The names are those of `data/parameters.json`; one DAG for each. What an argument does when a task
runs is tested where that is built; here it must arrive, and none may be missing from the tables.
"""

import json
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jinja2
import pytest

from flowctl.authoring import scope
from flowctl.authoring.dag import DAG
from flowctl.authoring.deadlines import DeadlineAlert, DeadlineReference, SyncCallback
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.retry_policy import ExceptionRetryPolicy
from flowctl.authoring.task_group import TaskGroup
from flowctl.core.spec import DagSpec, DeadlineSpec, GroupSpec, TaskSpec
from flowctl.operators.empty import EmptyOperator
from flowctl.parsing.convert import dag_spec

PARAMETERS = json.loads((Path(__file__).parent / "data" / "parameters.json").read_text())
START = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERE = Path(__file__)

Of = Callable[[Any, Any], Any]
"""From the object and its spec to what must be true."""


class Warns(str):
    """What the warning must say after "... has no effect in flowctl: "."""


def call(*_: Any) -> None:
    """Stand for a callback."""


OF_DAG: dict[str, tuple[Any, Of | Warns]] = {
    "dag_id": ("other", lambda _, spec: spec.dag_id == "other"),
    "description": ("about", lambda _, spec: spec.description == "about"),
    "schedule": ("@hourly", lambda _, spec: spec.schedule.summary == "@hourly"),
    "schedule_interval": ("@hourly", lambda _, spec: spec.schedule.summary == "@hourly"),
    "start_date": (START, lambda _, spec: spec.start_date == START),
    "end_date": (START, lambda _, spec: spec.end_date == START),
    "full_filepath": ("/a/b.py", lambda dag, _: dag.fileloc == "/a/b.py" and dag.folder == "/a"),
    "template_searchpath": ("/t", lambda dag, _: "/t" in dag.get_template_env().loader.searchpath),
    "template_undefined": (
        jinja2.DebugUndefined,
        lambda dag, _: dag.get_template_env().undefined is jinja2.DebugUndefined,
    ),
    "user_defined_macros": ({"m": 1}, lambda dag, _: dag.get_template_env().globals["m"] == 1),
    "user_defined_filters": (
        {"f": call},
        lambda dag, _: dag.get_template_env().filters["f"] is call,
    ),
    "default_args": ({"retries": 7}, lambda _, spec: spec.tasks[0].retries == 7),
    "concurrency": (3, lambda _, spec: spec.max_active_tasks == 3),
    "max_active_tasks": (3, lambda _, spec: spec.max_active_tasks == 3),
    "max_active_runs": (3, lambda _, spec: spec.max_active_runs == 3),
    "max_consecutive_failed_dag_runs": (
        3,
        lambda _, spec: spec.max_consecutive_failed_dag_runs == 3,
    ),
    "dagrun_timeout": (MINUTE, lambda _, spec: spec.dagrun_timeout == MINUTE),
    "deadline": (
        DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, MINUTE, SyncCallback(call)),
        lambda _, spec: spec.deadlines == (DeadlineSpec("queued_at", MINUTE),),
    ),
    "sla_miss_callback": (call, lambda _, spec: spec.callbacks == ("sla_miss",)),
    "default_view": ("graph", lambda _, spec: spec.default_view == "graph"),
    "orientation": ("TB", lambda _, spec: spec.orientation == "TB"),
    "catchup": (False, lambda _, spec: spec.catchup is False),
    "on_success_callback": (call, lambda _, spec: spec.callbacks == ("success",)),
    "on_failure_callback": ([call], lambda _, spec: spec.callbacks == ("failure",)),
    "doc_md": ("# About", lambda _, spec: spec.doc_md == "# About"),
    "params": ({"x": 1}, lambda _, spec: spec.params["x"]["value"] == 1),
    "access_control": (
        {"Viewer": {"can_read"}},
        lambda _, spec: spec.access_control == {"Viewer": ["can_read"]},
    ),
    "is_paused_upon_creation": (True, lambda _, spec: spec.is_paused_upon_creation is True),
    "jinja_environment_kwargs": (
        {"variable_start_string": "<<"},
        lambda dag, _: dag.get_template_env().variable_start_string == "<<",
    ),
    "render_template_as_native_obj": (
        True,
        lambda dag, spec: (
            spec.render_template_as_native_obj
            and dag.get_template_env().from_string("{{ [1] }}").render() == [1]
        ),
    ),
    "tags": (["b", "a"], lambda _, spec: spec.tags == ("a", "b")),
    "owner_links": (
        {"me": "https://example.com"},
        lambda _, spec: spec.owner_links == {"me": "https://example.com"},
    ),
    "auto_register": (False, lambda dag, _: dag not in DAG.autoregistered),
    "fail_stop": (True, lambda _, spec: spec.fail_stop),
    "fail_fast": (True, lambda dag, spec: spec.fail_stop and dag.fail_fast),
    "allowed_run_types": (["manual"], lambda _, spec: spec.allowed_run_types == ("manual",)),
    "dag_display_name": ("Sales", lambda _, spec: spec.display_name == "Sales"),
    "task_group": (object(), Warns("the DAG makes the group around all of its tasks itself")),
    "disable_bundle_versioning": (True, Warns("a run keeps the version of its DAG file")),
    "rerun_with_latest_version": (False, lambda _, spec: spec.rerun_with_latest_version is False),
}

POLICY = ExceptionRetryPolicy([])

OF_OPERATOR: dict[str, tuple[Any, Of | Warns]] = {
    "task_id": ("other", lambda _, spec: spec.task_id == "other"),
    "owner": ("me", lambda _, spec: spec.owner == "me"),
    "email": ("a@b.c; d@e.f", lambda _, spec: spec.email == ("a@b.c", "d@e.f")),
    "email_on_retry": (False, lambda _, spec: spec.email_on_retry is False),
    "email_on_failure": (False, lambda _, spec: spec.email_on_failure is False),
    "retries": (3, lambda _, spec: spec.retries == 3),
    "retry_delay": (60, lambda _, spec: spec.retry_delay == MINUTE),
    "retry_exponential_backoff": (3, lambda _, spec: spec.retry_exponential_backoff == 3.0),
    "max_retry_delay": (MINUTE, lambda _, spec: spec.max_retry_delay == MINUTE),
    "retry_policy": (
        policy := ExceptionRetryPolicy([]),
        lambda task, _: task.retry_policy is policy,
    ),
    "start_date": (START, lambda _, spec: spec.start_date == START),
    "end_date": (START, lambda _, spec: spec.end_date == START),
    "depends_on_past": (True, lambda _, spec: spec.depends_on_past),
    "ignore_first_depends_on_past": (
        False,
        lambda _, spec: spec.ignore_first_depends_on_past is False,
    ),
    "wait_for_past_depends_before_skipping": (
        True,
        lambda _, spec: spec.wait_for_past_depends_before_skipping,
    ),
    "wait_for_downstream": (
        True,
        lambda _, spec: spec.wait_for_downstream and spec.depends_on_past,
    ),
    "dag": (dag_of_task := DAG("given", schedule=None), lambda task, _: task.dag is dag_of_task),
    "params": ({"x": 1}, lambda _, spec: spec.params["x"]["value"] == 1),
    "default_args": ({"retries": 7}, lambda _, spec: spec.retries == 7),
    "priority_weight": (3, lambda _, spec: spec.priority_weight == 3),
    "weight_rule": ("upstream", lambda _, spec: spec.weight_rule == "upstream"),
    "queue": ("big", lambda _, spec: spec.queue == "big"),
    "pool": ("small", lambda _, spec: spec.pool == "small"),
    "pool_slots": (2, lambda _, spec: spec.pool_slots == 2),
    "sla": (MINUTE, lambda _, spec: spec.sla == MINUTE),
    "execution_timeout": (MINUTE, lambda _, spec: spec.execution_timeout == MINUTE),
    "on_execute_callback": (call, lambda _, spec: spec.callbacks == ("execute",)),
    "on_failure_callback": (call, lambda _, spec: spec.callbacks == ("failure",)),
    "on_success_callback": (call, lambda _, spec: spec.callbacks == ("success",)),
    "on_retry_callback": (call, lambda _, spec: spec.callbacks == ("retry",)),
    "on_skipped_callback": (call, lambda _, spec: spec.callbacks == ("skipped",)),
    "pre_execute": (call, lambda task, _: task._pre_execute_hook is call),
    "post_execute": (
        call,
        lambda task, spec: task._post_execute_hook is call and not spec.is_empty,
    ),
    "trigger_rule": ("all_done", lambda _, spec: spec.trigger_rule == "all_done"),
    "resources": ({"cpus": 1}, Warns("the process of the task is not limited by it")),
    "run_as_user": ("nobody", Warns("the task runs as the user that runs flowctl")),
    "task_concurrency": (2, lambda _, spec: spec.max_active_tis_per_dag == 2),
    "max_active_tis_per_dag": (2, lambda _, spec: spec.max_active_tis_per_dag == 2),
    "max_active_tis_per_dagrun": (2, lambda _, spec: spec.max_active_tis_per_dagrun == 2),
    "executor": ("LocalExecutor", Warns("all tasks go to the one executor that is configured")),
    "executor_config": ({"a": 1}, Warns("no executor of flowctl reads it")),
    "do_xcom_push": (False, lambda _, spec: spec.do_xcom_push is False),
    "multiple_outputs": (True, lambda _, spec: spec.multiple_outputs),
    "task_group": (None, lambda _, spec: spec.group == "g"),  # made by the test
    "doc": ("text", lambda _, spec: spec.doc == {"plain": "text"}),
    "doc_md": ("# About", lambda _, spec: spec.doc_md == "# About"),
    "doc_json": ("{}", lambda _, spec: spec.doc == {"json": "{}"}),
    "doc_yaml": ("a: 1", lambda _, spec: spec.doc == {"yaml": "a: 1"}),
    "doc_rst": ("text", lambda _, spec: spec.doc == {"rst": "text"}),
    "task_display_name": ("Load", lambda _, spec: spec.display_name == "Load"),
    "logger_name": ("mine", lambda task, _: task.log.name == "airflow.task.operators.mine"),
    "allow_nested_operators": (False, Warns("operators may be executed inside others")),
    "render_template_as_native_obj": (
        True,
        lambda task, _: task.get_template_env().from_string("{{ [1] }}").render() == [1],
    ),
}

ELSEWHERE = {"timetable", "map_index_template", "inlets", "outlets"}
"""What timetables, mapping and assets test."""


def names(kind: str) -> set[str]:
    """Return the arguments of all Airflow versions."""
    return {name for of_version in PARAMETERS[kind].values() for name in of_version}


@pytest.fixture(autouse=True)
def _nothing_open() -> Iterator[None]:
    yield
    DAG.autoregistered.clear()
    assert scope.current_dag() is None


@pytest.mark.parametrize(("kind", "table"), [("DAG", OF_DAG), ("BaseOperator", OF_OPERATOR)])
def test_no_argument_of_airflow_is_missing_here(kind: str, table: dict[str, Any]) -> None:
    """A new version of Airflow means a new column of names, and rows for what it adds."""
    assert names(kind) - ELSEWHERE == table.keys()


def checked(given: Any, spec: DagSpec | TaskSpec, expected: Of | Warns, caught: list[str]) -> None:
    """Assert that an argument arrived, or was warned of once."""
    said = [line for line in caught if "has no effect" in line]
    if isinstance(expected, Warns):
        assert len(said) == 1
        assert expected in said[0]
    else:
        assert said == []
        assert expected(given, spec)


@pytest.mark.parametrize("name", sorted(OF_DAG))
def test_an_argument_of_a_dag_is_honoured_or_warned_of(name: str) -> None:
    value, expected = OF_DAG[name]
    options: dict[str, Any] = {"dag_id": "d", "start_date": START}
    if not name.startswith("schedule"):
        options["schedule"] = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with DAG(**options | {name: value}) as dag:
            EmptyOperator(task_id="t")

        spec = dag_spec(dag, "d.py")

    checked(dag, spec, expected, [str(one.message) for one in caught])


@pytest.mark.parametrize("name", sorted(OF_OPERATOR))
def test_an_argument_of_an_operator_is_honoured_or_warned_of(name: str) -> None:
    value, expected = OF_OPERATOR[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with DAG("d", schedule=None, start_date=START - MINUTE) as dag:
            if name == "task_group":
                value = TaskGroup("g")
            task: BaseOperator = EmptyOperator(**{"task_id": "t"} | {name: value})

        (spec,) = [one for one in dag_spec(task.dag, "d.py").tasks if one.task_id == task.task_id]

    assert dag.has_task(task.task_id) or name == "dag"
    checked(task, spec, expected, [str(one.message) for one in caught])


def test_doc_md_may_be_a_file_beside_the_dag(tmp_path: Path) -> None:
    """Or an absolute path; a name without a file stays what it is."""
    (tmp_path / "about.md").write_text("# From a file")
    options: dict[str, Any] = {"schedule": None, "full_filepath": str(tmp_path / "d.py")}

    assert DAG("d", doc_md="about.md", **options).doc_md == "# From a file"
    assert DAG("d", doc_md=str(tmp_path / "about.md"), schedule=None).doc_md == "# From a file"
    assert DAG("d", doc_md="lost.md", **options).doc_md == "lost.md"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"allowed_run_types": "backfill"}, "lacks 'manual'"),
        ({"allowed_run_types": ["manual"], "schedule": "@daily"}, "lacks 'scheduled'.*@daily"),
        ({"allowed_run_types": ["monthly"]}, r"has \['monthly'\]; there are .*scheduled"),
    ],
)
def test_run_types_must_let_the_schedule_work(options: dict[str, Any], sentence: str) -> None:
    """As in Airflow 3.3: a DAG that could never have the runs that it asks for is a mistake."""
    with pytest.raises(ValueError, match=sentence):
        DAG("d", **{"schedule": None, "start_date": START} | options).validate()


def test_every_argument_of_a_group_arrives(tmp_path: Path) -> None:
    """Those of 2.10 and 3.3: what the graph shows, and the documentation of a group."""
    (tmp_path / "load.md").write_text("# Loading")
    with (
        DAG("d", schedule=None, full_filepath=str(tmp_path / "d.py")) as dag,
        TaskGroup(
            "g",
            prefix_group_id=False,
            default_args={"retries": 2},
            tooltip="what",
            ui_color="#111",
            ui_fgcolor="#222",
            group_display_name="Load it",
            doc_md="load.md",
        ),
    ):
        EmptyOperator(task_id="t")

    spec = dag_spec(dag, "d.py")

    assert spec.groups == (
        GroupSpec(
            "g",
            label="Load it",
            tooltip="what",
            ui_color="#111",
            ui_fgcolor="#222",
            doc_md="# Loading",
        ),
    )
    assert (spec.tasks[0].task_id, spec.tasks[0].group, spec.tasks[0].retries) == ("t", "g", 2)
