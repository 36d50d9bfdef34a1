"""Tasks that end in every way there is, and what they ask for on the way."""

import ctypes
import os
import resource
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from airflow import DAG
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.hooks.base import BaseHook
from airflow.models import Variable
from airflow.models.baseoperator import BaseOperator
from airflow.operators.python import PythonOperator
from marks import mark, wait_for

EVENTS = ("success", "failure", "retry", "skipped", "execute")


class Waits(BaseOperator):
    """Waits until it is ended, and says when it is told to."""

    def __init__(self, is_stubborn=False, **given):
        super().__init__(**given)
        self.is_stubborn = is_stubborn

    def execute(self, context):  # noqa: ARG002 - operators are called so
        while True:
            try:  # from the first line on, so that no limit comes too early for the stubborn one
                mark("WAITS", self.task_id, os.getpid())
                threading.Event().wait()
            except BaseException:
                if not self.is_stubborn:
                    raise

    def on_kill(self):
        mark("ON_KILL", self.task_id)


def noted(word):
    """Return a callback that leaves a line."""
    return lambda context: mark("CALLED", word, context["ti"].task_id, context["ti"].try_number)


def too_much():
    """Ask for more memory than there is."""
    resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28))
    return bytearray(2**32)


def skip():
    """Leave the task out."""
    raise AirflowSkipException("not today")


def give_up():
    """Fail for good."""
    raise AirflowFailException("never again")


def much_said():
    """Print 20 MB."""
    for number in range(200):
        sys.stdout.write(f"{number} {'x' * 100_000}\n")


def in_threads(ti):
    """Ask from many threads at once."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: ti.xcom_push(f"k{n}", n), range(32)))
        pulled = list(pool.map(lambda n: ti.xcom_pull("asks", key=f"k{n}"), range(32)))
    Variable.set("written", Variable.get("given") + "!")
    return [pulled == list(range(32)), BaseHook.get_connection("db").password]


def held():
    """Run until the test says so."""
    mark("HELD", os.getpid())
    wait_for("open")


FUNCTIONS = {
    "fine": lambda: 1,
    "exits0": lambda: sys.exit(0),
    "exits3": lambda: sys.exit(3),
    "vanishes": lambda: os._exit(7),
    "segfaults": lambda: ctypes.string_at(0),
    "too_much": too_much,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "skips": skip,
    "gives_up": give_up,
    "fails": lambda: 1 / 0,
    "talks": much_said,
    "returns_much": lambda: "x" * 5_000_000,
}

with DAG(
    "endings",
    schedule=None,
    default_args={f"on_{event}_callback": noted(event) for event in EVENTS},
) as endings:
    for name, function in FUNCTIONS.items():
        PythonOperator(task_id=name, python_callable=function)
    PythonOperator(task_id="retries", python_callable=FUNCTIONS["fails"], retries=1)
    PythonOperator(task_id="killed_retries", python_callable=FUNCTIONS["killed"], retries=1)
    Waits(task_id="too_long", execution_timeout=timedelta(seconds=0.3))
    Waits(task_id="stubborn", is_stubborn=True, execution_timeout=timedelta(seconds=0.3))

with DAG("asking", schedule=None):
    PythonOperator(task_id="asks", python_callable=in_threads)

with DAG("waiting", schedule=None):
    Waits(task_id="waits")

with DAG("short", schedule=None):
    for number in range(50):
        PythonOperator(task_id=f"t{number}", python_callable=FUNCTIONS["fine"])
