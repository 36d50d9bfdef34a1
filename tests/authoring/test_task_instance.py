"""What `ti` and `dag_run` answer."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import serialization
from flowctl.authoring.ports import InMemoryPorts, RunRow, StateRow, XComQuery, XComRow
from flowctl.authoring.task_instance import TaskInstance
from flowctl.core.attempt import Order, RunFacts
from flowctl.errors import FlowctlError
from tests.runner.fakes import Task

ORACLE = json.loads((Path(__file__).parent / "xcom_oracle.json").read_text())


class PriorRuns(InMemoryPorts):
    """Ports with three runs, r1 to r3, which know what came before."""

    def xcoms(self, query: XComQuery) -> list[XComRow]:
        rows = [*super().xcoms(query)]
        if query.include_prior_dates:
            rows += super().xcoms(
                XComQuery(query.dag_id, "r1", query.task_ids, query.map_indexes, query.key)
            )
        return rows


def ti_of(task_id: str, ports: InMemoryPorts, run_id: str = "r2") -> TaskInstance:
    run = RunFacts(1, "x", run_id, "scheduled", datetime(2024, 1, 2, tzinfo=UTC))
    ports.instances[1] = ("x", run_id, task_id, -1)
    return TaskInstance(Order(run, 1, 1, task_id=task_id), Task(lambda *_: None), ports)


def stored() -> PriorRuns:
    ports = PriorRuns()
    ids: dict[Any, int] = {}
    for dag_id, run, task_id, key, value in ORACLE["rows"]:
        ti_id = ids.setdefault((dag_id, run, task_id), 100 + len(ids))
        ports.instances[ti_id] = (dag_id, f"r{run}", task_id, -1)
        ports.push_xcom(ti_id, key, serialization.dumps(value))
    return ports


@pytest.mark.parametrize("case", ORACLE["pulls"], ids=lambda case: json.dumps(case["call"]))
def test_pulls_return_what_airflow_returns(case: dict[str, Any]) -> None:
    """One task gives a value, several a list, in the order in which they were named."""
    pulled = ti_of("c", stored()).xcom_pull(**case["call"])

    assert pulled == (case["list"] if "list" in case else case["value"])


def test_a_task_finds_what_it_has_just_returned() -> None:
    """Its success callbacks run before others can see its XComs."""
    ti = ti_of("c", InMemoryPorts())
    ti.leave("return_value", [1])

    assert ti.xcom_pull(task_ids="c") == [1]
    assert ti.xcom_pull(task_ids="other") is None


def test_a_push_for_another_run_is_refused() -> None:
    ti = ti_of("c", InMemoryPorts())
    with pytest.raises(FlowctlError, match="its own run only"):
        ti.xcom_push("k", 1, execution_date=datetime(2020, 1, 1, tzinfo=UTC))


def test_the_run_before_is_asked_for() -> None:
    class Known(InMemoryPorts):
        def previous_run(
            self, dag_id: str, before: datetime, state: str | None = None
        ) -> RunRow | None:
            assert (dag_id, before) == ("x", datetime(2024, 1, 2, tzinfo=UTC))
            return RunRow("r1", "scheduled", state or "failed", datetime(2024, 1, 1, tzinfo=UTC))

    ports = Known()
    ti = ti_of("c", ports)
    previous = ti.get_previous_dagrun("success")
    assert previous is not None
    assert (previous.run_id, previous.state) == ("r1", "success")
    assert ti.get_previous_execution_date() is None, "the task was not in that run"

    ports.states = [("x", StateRow("r1", datetime(2024, 1, 1, tzinfo=UTC), "success", "c"))]
    assert str(ti.get_previous_execution_date()) == "2024-01-01 00:00:00+00:00"


def test_the_states_of_the_run_are_asked_for() -> None:
    ports = InMemoryPorts()
    date = datetime(2024, 1, 2, tzinfo=UTC)
    ports.states = [
        ("x", StateRow("r2", date, "success", "a")),
        ("x", StateRow("r2", date, "success", "b", 0)),
        ("x", StateRow("r2", date, "failed", "b", 1)),
        ("x", StateRow("r1", date, "failed", "c")),
    ]
    run = ti_of("c", ports).get_dagrun()

    found = [(ti.task_id, ti.map_index) for ti in run.get_task_instances()]
    assert found == [("a", -1), ("b", 0), ("b", 1)]
    assert [ti.map_index for ti in run.get_task_instances(state="failed")] == [1]
    second = run.get_task_instance("b", map_index=1)
    assert second is not None
    assert second.state == "failed"
    assert run.get_task_instance("b") is None
    assert run.get_task_instance("z") is None


def test_another_task_of_the_run_tells_how_it_went() -> None:
    """As callbacks ask that list what failed in a run, when, and where its log is."""
    ports = InMemoryPorts()
    date = datetime(2024, 1, 2, tzinfo=UTC)
    row = StateRow("r2", date, "failed", "a", try_number=2, max_tries=1, operator="BashOperator")
    row.start_date, row.end_date = date, datetime(2024, 1, 2, 0, 1, tzinfo=UTC)
    ports.states = [("x", row), ("x", StateRow("r2", date, "none", "b"))]
    ports.instances[7] = ("x", "r2", "a", -1)
    ports.push_xcom(7, "return_value", serialization.dumps([1]))
    run = ti_of("c", ports).get_dagrun()

    found = run.get_task_instance("a", None)
    assert found is not None
    assert (found.try_number, found.max_tries, found.operator) == (2, 1, "BashOperator")
    assert (str(found.start_date), found.duration) == ("2024-01-02 00:00:00+00:00", 60.0)
    assert "/dags/x/grid?dag_run_id=r2&task_id=a" in found.log_url
    assert found.xcom_pull(task_ids="a") == [1]
    assert found.get_dagrun() is run
    assert str(found) == "<TaskInstance: x.a r2 [failed]>"


def test_a_task_that_nothing_was_decided_about_has_no_state() -> None:
    ports = InMemoryPorts()
    date = datetime(2024, 1, 2, tzinfo=UTC)
    ports.states = [
        ("x", StateRow("r2", date, "none", "a")),
        ("x", StateRow("r2", date, "failed", "b")),
    ]
    run = ti_of("c", ports).get_dagrun()

    assert [ti.state for ti in run.get_task_instances(session=None)] == [None, "failed"]
    assert [ti.task_id for ti in run.get_task_instances(state=[None])] == ["a"]
