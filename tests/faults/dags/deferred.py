"""Tasks that defer until the file `open` exists; each start leaves a line in the audit file."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow import DAG
from airflow.models import BaseOperator
from airflow.triggers.base import BaseTrigger, TriggerEvent

FOLDER = Path(os.environ["FAULTS_FOLDER"])
COUNT = int(os.environ.get("FAULTS_DEFERRED", "20"))


def note(word, context):
    """Add one line to the audit file; one write with O_APPEND is never torn."""
    ti = context["ti"]
    ticks = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    start = ti._order.try_number  # of this process, where several share a try
    words = [word, ti.dag_id, ti.run_id, ti.task_id, start, os.getpid(), ticks]
    line = " ".join(map(str, [*words, time.monotonic_ns()])) + "\n"
    fd = os.open(FOLDER / "audit", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, line.encode())
    os.close(fd)


class Opened(BaseTrigger):
    """Fires once the file `open` is there; writes down that it began to look."""

    def serialize(self):
        return f"{type(self).__module__}.Opened", {}

    async def run(self):
        with (FOLDER / "looks").open("a") as file:
            file.write(f"{os.getpid()} {self.task_instance.task_id}\n")
        while not (FOLDER / "open").exists():
            await asyncio.sleep(0.1)
        yield TriggerEvent(self.task_instance.task_id)


class Waits(BaseOperator):
    """Waits without a process."""

    def execute(self, context):
        note("START", context)
        note("LOOK", context)
        self.defer(trigger=Opened(), method_name="wake", timeout=timedelta(hours=1))

    def wake(self, context, event):
        note("START", context)
        assert event == self.task_id
        note("END", context)


with DAG("deferred", start_date=datetime(2026, 1, 1, tzinfo=UTC), schedule=None):
    for number in range(COUNT):
        Waits(task_id=f"w{number}")
