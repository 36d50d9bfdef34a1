"""A file that is imported by each attempt: it starts a thread."""

import os
import threading

from airflow import DAG
from airflow.operators.bash import BashOperator

os.environ["IMPORTS"] = os.environ.get("IMPORTS", "") + "x"
threading.Thread(target=threading.Event().wait, daemon=True).start()

with DAG("cold", schedule=None):
    for name in "abcd":
        BashOperator(task_id=name, bash_command="echo imported $IMPORTS")
