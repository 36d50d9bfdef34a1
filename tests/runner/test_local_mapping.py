"""Mapped tasks and groups in a run in this process."""

from datetime import UTC, datetime
from typing import Any

import pytest

from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowSkipException
from flowctl.authoring.task_group_functions import task_group
from flowctl.core.states import TaskState
from flowctl.errors import FlowctlError
from flowctl.operators.bash import BashOperator
from flowctl.operators.decorators import task
from flowctl.runner import rendering, schedule
from flowctl.runner.local import run_dag, run_task
from flowctl.runner.local_memory import LocalPorts
from tests.runner.fakes import ticking

DONE, SKIPPED, FAILED = TaskState.SUCCESS, TaskState.SKIPPED, TaskState.FAILED


@task
def add(x: int, y: int = 0) -> int:
    if x < 0:
        raise ValueError("too little")
    return x + y


@task(trigger_rule="all_done")
def collect(found: Any) -> list[Any]:
    return list(found)


@task
def listed(given: list[Any]) -> list[Any]:
    return given


def ends(dag: DAG) -> dict[str, TaskState]:
    return run_dag(dag, now=ticking()).states


def test_a_task_is_mapped_over_the_elements_of_lists_and_all_results_are_collected() -> None:
    with DAG("d", schedule=None) as dag:
        collect(add.expand(x=[1, 2], y=[10, 20]))

    local = run_dag(dag, now=ticking())

    assert local.states == {f"add[{at}]": DONE for at in range(4)} | {"collect": DONE}
    assert local.outcomes["collect"][0].xcoms == {"return_value": "[11,21,12,22]"}
    last = local.get_task_instance("add", map_index=3)
    assert last is not None
    assert last.map_index == 3


def test_a_task_is_mapped_over_results_and_over_what_a_mapped_task_left() -> None:
    with DAG("d", schedule=None) as dag:
        doubled = add.partial(y=1).expand(x=listed([1, 2, 3]))
        collect(add.override(task_id="again").expand(x=doubled))

    local = run_dag(dag, now=ticking())

    assert local.outcomes["collect"][0].xcoms == {"return_value": "[2,3,4]"}


def test_over_nothing_a_task_is_skipped() -> None:
    with DAG("d", schedule=None) as dag:
        add.expand(x=listed([]))

    assert ends(dag) == {"listed": DONE, "add": SKIPPED}


@pytest.mark.parametrize(
    ("error", "state"), [(ValueError, "upstream_failed"), (AirflowSkipException, "skipped")]
)
def test_a_task_is_not_expanded_over_a_result_that_is_missing(error: Any, state: str) -> None:
    @task
    def none() -> list[int]:
        raise error

    with DAG("d", schedule=None) as dag:
        add.override(trigger_rule="all_done").expand(x=none())

    assert ends(dag)["add"] == state


def test_one_instance_that_fails_fails_the_run_and_leaves_the_others() -> None:
    with DAG("d", schedule=None) as dag:
        collect(add.expand(x=[1, -1, 3]))

    local = run_dag(dag, now=ticking())

    assert local.states == {"add[0]": DONE, "add[1]": FAILED, "add[2]": DONE, "collect": DONE}
    assert local.outcomes["collect"][0].xcoms == {"return_value": "[1,3]"}


def test_in_a_mapped_group_each_index_goes_its_own_way() -> None:
    @task_group
    def pair(x: Any) -> Any:
        return add.override(task_id="second")(add.override(task_id="first")(x), 1)

    with DAG("d", schedule=None) as dag:
        collect(pair.expand(x=listed([1, -1, 3])))

    local = run_dag(dag, now=ticking())

    assert [local.states[f"pair.second[{at}]"] for at in range(3)] == [
        DONE,
        TaskState.UPSTREAM_FAILED,
        DONE,
    ]
    assert local.outcomes["collect"][0].xcoms == {"return_value": "[2,4]"}


def test_a_group_over_nothing_is_skipped() -> None:
    @task_group
    def pair(x: Any) -> Any:
        return add.override(task_id="second")(add.override(task_id="first")(x))

    with DAG("d", schedule=None) as dag:
        pair.expand(x=listed([]))

    assert ends(dag) == {"listed": DONE, "pair.first": SKIPPED, "pair.second": SKIPPED}


def test_a_branch_in_a_mapped_group_decides_for_its_own_index() -> None:
    @task.branch
    def choose(x: int) -> str:
        return "lane.odd" if x % 2 else "lane.even"

    @task_group
    def lane(x: Any) -> None:
        choose(x) >> [add.override(task_id="odd")(x), add.override(task_id="even")(x)]

    with DAG("d", schedule=None) as dag:
        lane.expand(x=[1, 2])

    states = ends(dag)
    assert [states[f"lane.odd[{at}]"] for at in range(2)] == [DONE, SKIPPED]
    assert [states[f"lane.even[{at}]"] for at in range(2)] == [SKIPPED, DONE]


def mapped_over_results() -> DAG:
    with DAG("d", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=UTC)) as dag:
        commands = listed(["echo {{ ds }}", "true"])
        BashOperator.partial(task_id="say", env={"A": "{{ ti.map_index }}"}).expand(
            bash_command=commands
        )
        BashOperator.partial(task_id="fixed").expand(bash_command=["echo {{ ds }}", "true"])
        BashOperator(task_id="plain", bash_command="true")
    return dag


def test_one_instance_is_tried_over_the_results_of_a_run_that_there_is() -> None:
    dag = mapped_over_results()
    run = schedule.facts_at(dag, datetime(2024, 5, 1, tzinfo=UTC))
    behind = LocalPorts()
    behind.instances[1] = ("d", run.run_id, "listed", -1)
    behind.push_xcom(1, "return_value", '["false","true"]')

    tried = [run_task(dag, "say", run=run, behind=behind, map_index=at) for at in range(3)]

    assert [outcome.state for outcome in tried] == [FAILED, DONE, FAILED]
    assert "no instance 2" in tried[2].reason


def test_the_fields_of_one_instance_are_shown() -> None:
    dag = mapped_over_results()
    run = schedule.facts_at(dag, datetime(2024, 5, 1, tzinfo=UTC))

    assert rendering.render(dag, "fixed", run, LocalPorts(), 0)["bash_command"] == "echo 2024-05-01"
    assert rendering.render(dag, "fixed", run, LocalPorts(), 1)["bash_command"] == "true"


@pytest.mark.parametrize(
    ("task_id", "map_index", "says"),
    [("fixed", -1, "say which of its instances: --map-index N"), ("plain", 0, "is not mapped")],
)
def test_an_index_is_given_for_mapped_tasks_alone(task_id: str, map_index: int, says: str) -> None:
    with pytest.raises(FlowctlError, match=says):
        run_task(mapped_over_results(), task_id, map_index=map_index)
