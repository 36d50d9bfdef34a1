"""Tasks that take more memory than they may, by themselves or through a process of theirs."""

import subprocess
import sys
import threading
from datetime import timedelta

from airflow import DAG
from airflow.operators.python import PythonOperator

MIB = 2**20
TAKE = "import sys; kept = b'x' * int(sys.argv[1]); sys.stdin.read()"


def take(size):
    """Take so much, and keep it."""
    kept = bytearray(b"x") * size
    threading.Event().wait()
    return len(kept)


def take_elsewhere(size):
    """Have another process, in a session of its own, take so much."""
    command = [sys.executable, "-c", TAKE, str(size)]
    subprocess.run(command, stdin=subprocess.PIPE, start_new_session=True, check=True)
    threading.Event().wait()


with DAG("memory", schedule=None, default_args={"mem": "160M"}):
    PythonOperator(task_id="greedy", python_callable=take, op_args=[400 * MIB])
    PythonOperator(
        task_id="retries",
        python_callable=take,
        op_args=[400 * MIB],
        retries=1,
        retry_delay=timedelta(hours=1),
    )
    PythonOperator(task_id="through_another", python_callable=take_elsewhere, op_args=[400 * MIB])
    PythonOperator(task_id="modest", python_callable=lambda: len(b"x" * 40 * MIB))
    PythonOperator(task_id="unlimited", mem=None, python_callable=lambda: len(b"x" * 400 * MIB))
