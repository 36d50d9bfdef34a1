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
