"""The executor for breakpoints: tasks run in the process of the test itself."""

import os

import pytest

from flowctl.core.attempt import Order
from flowctl.executors.contract import Executor
from tests.executors.conftest import Connect
from tests.support.workshop import Workshop

pytestmark = pytest.mark.parametrize(
    ("executor_name", "shop"), [("DebugExecutor", "sqlite")], indirect=["shop"]
)

FILE = """
import os
from airflow import DAG
from airflow.models import Variable
from airflow.operators.python import PythonOperator
from marks import mark

def work(ti):
    mark("WORK", ti.task_id, os.getpid())
    mark("COLOUR", Variable.get("colour", "none"))
    print("said by", ti.task_id)
    if ti.task_id == "bad":
        raise ValueError("broken")

def noted(word):
    return lambda context: mark(word, context["ti"].task_id)

with DAG("d", schedule=None) as dag:
    for name in ("bad", "good"):
        PythonOperator(
            task_id=name,
            python_callable=work,
            on_success_callback=noted("SUCCESS"),
            on_failure_callback=noted("FAILURE"),
            priority_weight=2 if name == "bad" else 1,
        )
"""


ENDS = ("SUCCESS", "FAILURE")


@pytest.fixture
def orders(shop: Workshop) -> list[Order]:
    """Give the orders for a task that fails and one that does not, in this order."""
    shop.add(FILE, "debug.py")
    return list(shop.order("d").values())


def test_a_task_has_this_process_and_its_terminal(
    shop: Workshop, executor: Executor, orders: list[Order], capfd: pytest.CaptureFixture[str]
) -> None:
    """What it prints is seen here, and its callbacks are called once."""
    shop.run(executor, orders)
    assert [line[1:] for line in shop.marks("WORK")] == [
        ["bad", str(os.getpid())],
        ["good", str(os.getpid())],
    ]
    assert "said by good" in capfd.readouterr().out
    assert [line[0] for line in shop.marks() if line[0] in ENDS] == ["FAILURE", "SUCCESS"]
    assert shop.marks("COLOUR") == [["COLOUR", "none"]] * 2


def test_a_failure_can_end_its_run(
    shop: Workshop,
    connect: Connect,
    orders: list[Order],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`[debug] fail_fast`: no other task of it runs; another run is not concerned."""
    monkeypatch.setenv("AIRFLOW__DEBUG__FAIL_FAST", "True")
    rows = shop.run(connect(), orders)

    assert [row.state for row in rows] == ["failed", "upstream_failed"]
    assert "'bad' failed" in rows[1].reason
    assert [line[1] for line in shop.marks("WORK")] == ["bad"]


SENSORS = """
from airflow import DAG
from airflow.sensors.base import poke_mode_only
from airflow.sensors.python import PythonSensor

@poke_mode_only
class Keeping(PythonSensor):
    pass

with DAG("s", schedule=None):
    PythonSensor(task_id="waits", python_callable=lambda: False)
    Keeping(task_id="keeps", python_callable=lambda: False, timeout=0)
"""


def test_a_sensor_gives_its_turn_back_between_two_looks(shop: Workshop, executor: Executor) -> None:
    """Else it would wait for ever for a task that waits for its turn."""
    shop.add(SENSORS, "sensors.py")
    orders = shop.order("s")

    waits, keeps = shop.run(executor, [orders["waits"], orders["keeps"]])

    assert (waits.state, keeps.state) == ("up_for_reschedule", "failed")
