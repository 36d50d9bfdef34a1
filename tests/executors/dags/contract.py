"""The DAGs of the contract suite."""

import os
import signal
import subprocess
import sys
import threading

from airflow import DAG
from airflow.operators.python import PythonOperator
from airflow.sensors.python import PythonSensor
from marks import mark, wait_for

SLEEPER = [sys.executable, "-c", "import threading; threading.Event().wait()"]


def quick(ti):
    """Run for a moment."""
    mark("START", ti.task_id, ti.try_number, os.getpid())


def hold(ti):
    """Run until the test says so."""
    quick(ti)
    wait_for("open")
    mark("END", ti.task_id)


def family(is_stubborn):
    """Start a process in the group, and one that leaves it; then wait."""
    if is_stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    near = subprocess.Popen(SLEEPER)
    far = subprocess.Popen(SLEEPER, start_new_session=True)
    mark("FAMILY", os.getpid(), near.pid, far.pid)
    threading.Event().wait()


with DAG("many", schedule=None):
    for number in range(8):
        PythonOperator(task_id=f"t{number}", python_callable=quick)

with DAG("held", schedule=None):
    for number in range(8):
        PythonOperator(task_id=f"h{number}", python_callable=hold)

with DAG("family", schedule=None):
    for name in ("polite", "stubborn"):
        PythonOperator(
            task_id=name, python_callable=family, op_kwargs={"is_stubborn": name == "stubborn"}
        )

with DAG(
    "called",
    schedule=None,
    on_success_callback=lambda context: mark("RUN", context["run_id"], context["reason"]),
):
    PythonOperator(task_id="t", python_callable=quick)


def look(ti):
    """Say which look of which try this is; the third one has seen enough."""
    seen = (ti.xcom_pull(task_ids=ti.task_id, key="seen") or 0) + 1
    ti.xcom_push("seen", seen)
    mark("LOOK", seen, ti.try_number, ti.max_tries, ti.start_date.isoformat())
    return seen == 3


with DAG("looking", schedule=None):
    PythonSensor(
        task_id="looks", python_callable=look, mode="reschedule", poke_interval=0.01, retries=1
    )
