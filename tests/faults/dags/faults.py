"""DAGs whose tasks write into an audit file when they start and when they end."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.sensors.base import BaseSensorOperator

FOLDER = Path(os.environ["FAULTS_FOLDER"])
START = datetime(2026, 1, 1, tzinfo=UTC)
LOOK_S = 0.02


def note(word, context):
    """Add one line to the audit file; one write with O_APPEND is never torn."""
    ti = context["ti"]
    ticks = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    start = ti._order.try_number  # of this process, where several share a try
    name = ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"
    words = [word, ti.dag_id, ti.run_id, name, start, os.getpid(), ticks]
    line = " ".join(map(str, [*words, time.monotonic_ns()])) + "\n"
    fd = os.open(FOLDER / "audit", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, line.encode())
    os.close(fd)


def work(seconds, **context):
    """Take some time."""
    note("START", context)
    threading.Event().wait(seconds)
    note("END", context)
    return context["ti"].task_id


def fail_once(**context):
    """Fail in the first try."""
    note("START", context)
    is_first = context["ti"].try_number == 1
    note("LOOK" if is_first else "END", context)
    if is_first:
        raise RuntimeError("the first try")


def wait_for(name, **context):
    """Run until a file exists."""
    note("START", context)
    while not (FOLDER / name).exists():
        threading.Event().wait(LOOK_S)
    print("the gate is open")  # noqa: T201 - as tasks do; a log without room must not stop them
    note("END", context)


class Looks(BaseSensorOperator):
    """Looks a few times, each time in a process of its own."""

    def __init__(self, looks=3, **given):
        super().__init__(mode="reschedule", poke_interval=LOOK_S, **given)
        self.looks = looks

    def poke(self, context):
        """Count the looks of this try."""
        note("START", context)
        ti = context["ti"]
        looks = (ti.xcom_pull(task_ids=self.task_id, key="looks") or 0) + 1
        ti.xcom_push("looks", looks)
        note("LOOK" if looks < self.looks else "END", context)
        return looks == self.looks


class Gate(BaseSensorOperator):
    """Looks for the file `open`."""

    def poke(self, context):
        """Look."""
        note("START", context)
        is_open = (FOLDER / "open").exists()
        note("END" if is_open else "LOOK", context)
        return is_open


def seconds(count, **context):
    """Leave a list that others are mapped over."""
    note("START", context)
    note("END", context)
    return [[0]] * count


def calls(word):
    """Return a callback that leaves a line."""
    return lambda context: note(word, context)


def task(task_id, python_callable=work, retries=50, **given):
    """Make a task that may be killed often and starts again at once."""
    return PythonOperator(
        task_id=task_id,
        python_callable=python_callable,
        retries=retries,
        retry_delay=timedelta(0),
        **given,
    )


COMMAND = """
note() {
    local stat uptime
    read -r uptime _ < /proc/uptime
    read -r stat < /proc/$PPID/stat
    set -- "$1" ${stat##*) }
    printf '%s\\n' "$1 {{ dag.dag_id }} {{ run_id }} {{ ti.task_id }} {{ ti.try_number }} \\
$PPID ${21} ${uptime/./}0000000" >> "$FAULTS_FOLDER/audit"
}
note START
sleep {{ params.seconds }}
note END
"""
"""As `work`, but in a process that others may have had before, and may have afterwards."""


def command(task_id, seconds=0, retries=50):
    """Make a task as `task` does, of a command."""
    return BashOperator(
        task_id=task_id,
        bash_command=COMMAND,
        params={"seconds": seconds},
        retries=retries,
        retry_delay=timedelta(0),
    )


def gate(task_id, **given):
    """Make a task that runs until the file `open` exists, with every callback."""
    return task(
        task_id,
        wait_for,
        op_args=["open"],
        on_failure_callback=calls("FAILURE"),
        on_retry_callback=calls("RETRY"),
        on_success_callback=calls("SUCCESS"),
        **given,
    )


with DAG("layers", start_date=START, schedule=None, max_active_runs=1000) as layers:
    above = []
    for layer in range(5):
        row = [
            command(f"t{layer}_{at}", 0.01 * (1 + at % 5))
            if at % 3 == 1
            else task(f"t{layer}_{at}", op_args=[0.01 * (1 + at % 5)])
            for at in range(10)
        ]
        for at, one in enumerate(row):
            one.set_upstream([above[at], above[0]] if above and at else above[:1])
        above = row
    Looks(task_id="looks", retries=50, retry_delay=timedelta(0))

with DAG("five", start_date=START, schedule=None, max_active_runs=1000) as five:
    first, left, right, join, last = (
        task(name, op_args=[0]) for name in ("first", "left", "right", "join", "last")
    )
    looks = Looks(task_id="looks", retries=50, retry_delay=timedelta(0))
    first >> [left, right, looks] >> join >> last

with DAG("alone", start_date=START, schedule=None) as alone:
    first, left, right, last = (
        task(name, op_args=[0], retries=0) for name in ("first", "left", "right", "last")
    )
    first >> [left, right] >> last

with DAG("again", start_date=START, schedule=None, max_active_runs=1000) as again:
    first, join, last = (command(name, retries=0) for name in ("first", "join", "last"))
    first >> [task("once_more", fail_once, retries=1), Looks(task_id="looks")] >> join >> last

with DAG("mapped", start_date=START, schedule=None, max_active_runs=1000) as mapped:
    each = PythonOperator.partial(
        task_id="each", python_callable=work, retries=50, retry_delay=timedelta(0)
    ).expand(op_args=task("first", seconds, op_args=[3]).output)
    each >> task("last", op_args=[0])

with DAG("gates", start_date=START, schedule=None, max_active_runs=1000) as gates:
    gate("retried", retries=2)
    gate("once", retries=0)

with DAG("gate", start_date=START, schedule=None, max_active_runs=1000) as one_gate:
    gate("waits", retries=2) >> task("after", op_args=[0])

with DAG("waiting", start_date=START, schedule=None, max_active_runs=1000) as waiting:
    Gate(task_id="waits", mode="reschedule", poke_interval=0.2) >> task("after", op_args=[0])

with DAG("pooled", start_date=START, schedule=None, max_active_runs=1000) as pooled:
    for at in range(12):
        task(f"p{at}", op_args=[0.2], pool="three")
