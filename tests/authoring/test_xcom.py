"""XComs read without a task instance."""

from collections.abc import Iterator

import pytest

from flowctl.authoring import ports
from flowctl.authoring.dag_run import TaskInstanceKey
from flowctl.authoring.ports import InMemoryPorts
from flowctl.authoring.xcom import XCom


@pytest.fixture(autouse=True)
def _stored() -> Iterator[None]:
    before, answers = ports.current(), InMemoryPorts()
    answers.instances = {1: ("d", "r", "a", -1), 2: ("d", "r", "b", -1)}
    answers.push_xcom(1, "return_value", "[1]")
    answers.push_xcom(1, "k", '"first"')
    answers.push_xcom(2, "k", '"last"')
    ports.use(answers)
    yield
    ports.use(before)


def test_one_value_by_the_key_of_its_task_instance() -> None:
    assert XCom.get_value(ti_key=TaskInstanceKey("d", "a", "r")) == [1]
    assert XCom.get_value(ti_key=TaskInstanceKey("d", "b", "r")) is None
    assert XCom.get_one(key="k", dag_id="d", task_id="b", run_id="r") == "last"


def test_several_values_the_last_pushed_first() -> None:
    rows = XCom.get_many(key="k", dag_ids="d", run_id="r")

    assert [XCom.deserialize_value(row) for row in rows] == ["last", "first"]
    assert XCom.serialize_value((1,)) == '{"__type__":"tuple","value":[1]}'
