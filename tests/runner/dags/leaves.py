"""A task that dies without ending the command that it has started."""

import os
import signal
import subprocess

from airflow import DAG
from airflow.operators.python import PythonOperator
from marks import mark


def dies_beside_a_command():
    """Leave a command in a group of its own, as BashOperator makes one."""
    command = subprocess.Popen(["sleep", "600"], process_group=0)
    mark("COMMAND", command.pid)
    os.kill(os.getpid(), signal.SIGKILL)


with DAG("leaves", schedule=None) as dag:
    PythonOperator(task_id="dies", python_callable=dies_beside_a_command)
