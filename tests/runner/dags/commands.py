"""Commands, of which each can have the process of the one before."""

import os
import sys

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from marks import mark, wait_for

MEMORY = f"{sys.executable} -c 'bytearray(120 << 20)'"
LEAVES = 'sleep 600 > /dev/null 2>&1 & echo $! > "$WORKSHOP/left"'
CPU = "for ((i = 0; i < 100000; i++)); do :; done"


def called(context):
    """Be a callback."""
    mark("CALLED", context["task_instance"].task_id)


def forked(_context):
    """Be a callback that goes on when its child is gone."""
    pid = os.fork()
    if pid:
        mark("FORKED", pid)
        os.waitpid(pid, 0)
        wait_for("open")
        mark("WENT", "ON")


with DAG("commands", schedule=None, tags=["one"]):
    BashOperator(task_id="first", bash_command="echo $AIRFLOW_CTX_DAG_EMAIL; pwd", email="a@b.c")
    BashOperator(task_id="second", bash_command="env; echo {{ run_id }} {{ ti.task_id }}")
    BashOperator(task_id="busy", bash_command=CPU)
    BashOperator(task_id="big", bash_command=MEMORY)
    BashOperator(task_id="fails", bash_command="exit 3")
    BashOperator(task_id="dies", bash_command="kill -9 $PPID")
    BashOperator(task_id="skips", bash_command="exit 99")
    BashOperator(task_id="waits", bash_command='until [ -e "$WORKSHOP/open" ]; do sleep 0.01; done')
    BashOperator(task_id="calls", bash_command="true", on_success_callback=called)
    BashOperator(task_id="leaves", bash_command=LEAVES)
    BashOperator(task_id="secret", bash_command="echo {{ var.value.api_token }}")
    BashOperator(task_id="marks", bash_command='echo MARKED >> "$WORKSHOP/marks"')
    BashOperator(task_id="word", bash_command="echo the word is hello")
    PythonOperator(
        task_id="forks",
        python_callable=lambda: None,
        on_success_callback=forked,
    )
    PythonOperator(task_id="python", python_callable=lambda: None)
