"""The DAG files of the workloads, as people write them for Airflow."""

from pathlib import Path

HEAD = """\
import os
import time
from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def stamp(tag, index):
    line = f"{tag} {index} {time.time():.6f}\\n".encode()
    fd = os.open(os.environ["BENCH_STAMP"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(fd, line)
    os.close(fd)


def wait_for(path):
    stamp("waits", os.getpid())
    while not os.path.exists(path):
        time.sleep(0.5)


def python(task_id, tag, index):
    return PythonOperator(task_id=task_id, python_callable=stamp, op_args=[tag, index])

"""

OPENING = """
with DAG("{dag_id}", start_date=datetime(2024, 1, 1), schedule=None, catchup=False,
         max_active_tasks={tasks_max}, max_active_runs=1000):
"""

WIDE = """\
    src = python("src", "src", 0)
    snk = python("snk", "snk", 0)
    for i in range({count}):
        src >> python(f"t{{i}}", "t", i) >> snk
"""

WIDE_BASH = """\
    src = python("src", "src", 0)
    snk = python("snk", "snk", 0)
    for i in range({count}):
        src >> BashOperator(task_id=f"t{{i}}", bash_command="true") >> snk
"""

CHAIN = """\
    before = None
    for i in range({count}):
        task = python(f"t{{i}}", "{dag_id}", i)
        if before is not None:
            before >> task
        before = task
"""

MAPPED = """\
    pairs = [["t", i] for i in range({count})]
    PythonOperator.partial(task_id="t", python_callable=stamp).expand(op_args=pairs) >> python(
        "snk", "snk", 0
    )
"""

MAPPED_RESULT = """\
    src = PythonOperator(
        task_id="src", python_callable=lambda: [["t", i] for i in range({count})]
    )
    PythonOperator.partial(task_id="t", python_callable=stamp).expand(
        op_args=src.output
    ) >> python("snk", "snk", 0)
"""

WAITING = """\
    for i in range({count}):
        PythonOperator(task_id=f"t{{i}}", python_callable=wait_for, op_args=["{gate}"])
"""

SENSORS = """\
    for i in range({count}):
        Gate(task_id=f"t{{i}}", index=i, gate="{gate}", poke_interval={interval},
             mode="reschedule")
        Held(task_id=f"d{{i}}", index=f"d{{i}}", gate="{gate}", interval={interval} / 4)
"""

SENSOR_CLASS = """\
from airflow.models.baseoperator import BaseOperator
from airflow.sensors.base import BaseSensorOperator
from airflow.triggers.file import FileTrigger


class Gate(BaseSensorOperator):
    def __init__(self, index, gate, **kwargs):
        super().__init__(**kwargs)
        self.index = index
        self.gate = gate

    def poke(self, context):
        found = os.path.exists(self.gate)
        stamp("woken" if found else "waits", self.index)
        return found


class Held(BaseOperator):
    def __init__(self, index, gate, interval, **kwargs):
        super().__init__(**kwargs)
        self.index = index
        self.gate = gate
        self.interval = interval

    def execute(self, context):
        stamp("waits", self.index)
        trigger = FileTrigger(filepath=self.gate, poke_interval=self.interval)
        self.defer(trigger=trigger, method_name="resume")

    def resume(self, context, event=None):
        stamp("woken", self.index)


"""


def text(dag_id: str, body: str, count: int, **words: str) -> str:
    """Return a DAG file with one DAG of `count` tasks."""
    opening = OPENING.format(dag_id=dag_id, tasks_max=count + 100)
    return HEAD + opening + body.format(count=count, dag_id=dag_id, **words)


def put(folder: Path, name: str, content: str) -> None:
    """Write a DAG file so that nobody sees half of it."""
    draft = folder.parent / f"{name}.draft"
    draft.write_text(content)
    draft.rename(folder / f"{name}.py")
