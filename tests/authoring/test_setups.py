"""Setups and teardowns in DAG files give the same arrows and the same errors as in Airflow 2.10.5.

The DAGs are those of `tests/core/data/setup_shapes.py`, the answers those of `setups.json` there.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowctl import compat
from flowctl.authoring import setup_scope
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import FailStopDagInvalidTriggerRule
from flowctl.authoring.setup_scope import context_wrapper
from flowctl.authoring.task_group import TaskGroup
from flowctl.authoring.task_group_functions import task_group
from flowctl.operators.decorators import setup, task, teardown
from flowctl.operators.empty import EmptyOperator
from flowctl.parsing.convert import dag_spec
from tests.core.data.setup_shapes import SHAPES

DATA = Path(__file__).parents[1] / "core" / "data" / "setups.json"
ANSWERS: dict[str, dict[str, Any]] = json.loads(DATA.read_text())["shapes"]
GOOD = [name for name, facts in ANSWERS.items() if "error" not in facts]
BAD = [name for name, facts in ANSWERS.items() if "error" in facts]


@pytest.fixture(autouse=True)
def _airflow_names() -> Iterator[None]:
    compat.install()
    yield
    setup_scope.forget()


def made(shape: str) -> DAG:
    """Return the DAG of a shape, checked."""
    names = {
        "E": lambda task_id, **options: EmptyOperator(task_id=task_id, **options),
        "TaskGroup": TaskGroup,
        "context_wrapper": context_wrapper,
        "setup": setup,
        "task": task,
        "task_group": task_group,
        "teardown": teardown,
    }
    with DAG("d", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=UTC)) as dag:
        exec(SHAPES[shape], names)
    dag.validate()
    return dag


@pytest.mark.parametrize("shape", GOOD)
def test_a_dag_with_setups_has_the_arrows_of_airflow(shape: str) -> None:
    """And its tasks the same kind, rule and flag, also once the DAG is a spec."""
    spec = dag_spec(made(shape), "d.py")

    assert {
        one.task_id: {
            "upstream": list(one.upstream),
            "rule": one.trigger_rule,
            "kind": "setup" if one.is_setup else "teardown" if one.is_teardown else "",
            "fails_run": one.fails_run,
        }
        for one in spec.tasks
    } == ANSWERS[shape]["tasks"]


@pytest.mark.parametrize("shape", GOOD)
def test_groups_begin_and_end_where_those_of_airflow_do(shape: str) -> None:
    """What comes after a group does not wait for its teardowns."""
    groups = made(shape).task_group_dict

    assert {
        name: [
            sorted({t.task_id for t in group.get_roots()}),
            sorted({t.task_id for t in group.leaves}),
        ]
        for name, group in groups.items()
    } == ANSWERS[shape]["groups"]


@pytest.mark.parametrize("shape", GOOD)
def test_a_part_of_a_dag_takes_along_what_airflow_takes(shape: str) -> None:
    """`partial_subset` of one task and of two."""
    dag = made(shape)

    for ids, upstream, downstream, expected in ANSWERS[shape]["parts"]:
        part = dag.partial_subset(ids, include_upstream=upstream, include_downstream=downstream)
        assert sorted(part.task_ids) == expected, (ids, upstream, downstream)


@pytest.mark.parametrize("shape", BAD)
def test_what_airflow_refuses_is_refused_with_the_same_exception(shape: str) -> None:
    """`except ValueError` of a user goes on to work."""
    with pytest.raises(Exception, match=r"setup|teardown|trigger_rule") as raised:
        made(shape)

    assert type(raised.value).__name__ == ANSWERS[shape]["error"]


def test_the_error_names_the_task_after_a_setup_and_its_rule() -> None:
    """There are two tasks to look at."""
    with pytest.raises(ValueError, match=r"'w' comes right after the setup 's'.*not all_done"):
        made("wrong_rule_after_setup")


def test_fail_stop_goes_with_teardowns_but_with_no_other_rule() -> None:
    """Also where the rule is set after the task joined the DAG."""
    with DAG("d", schedule=None, fail_stop=True) as dag:
        up = EmptyOperator(task_id="up")
        down = EmptyOperator(task_id="down").as_teardown(setups=up)
    dag.validate()

    down.trigger_rule = "all_done"
    with pytest.raises(FailStopDagInvalidTriggerRule, match="'down'"):
        dag.validate()


def test_a_short_circuit_leaves_teardowns_alone() -> None:
    """It skips all that follows, but what was prepared is removed."""
    with DAG("d", schedule=None) as dag:
        make = EmptyOperator(task_id="make")

        @task.short_circuit
        def is_wanted() -> bool:
            return False

        work = EmptyOperator(task_id="work")
        make >> is_wanted() >> work >> EmptyOperator(task_id="drop").as_teardown(setups=make)

    run = dag.test()

    assert {ti.task_id: ti.state for ti in run.get_task_instances()} == {
        "make": "success",
        "is_wanted": "success",
        "work": "skipped",
        "drop": "success",
    }


def test_a_teardown_runs_after_a_failure_and_the_run_fails_all_the_same() -> None:
    """In `dag.test()` as in the daemon."""

    @task
    def fails() -> None:
        raise ValueError("no")

    with DAG("d", schedule=None) as dag:
        make = EmptyOperator(task_id="make")
        make >> fails() >> EmptyOperator(task_id="drop").as_teardown(setups=make)

    run = dag.test()

    assert run.state == "failed"
    assert run.get_task_instance("drop").state == "success"
