"""A DAG file that comes late."""

from flowctl import DAG
from flowctl.operators.bash import BashOperator

with DAG("late", schedule=None):
    BashOperator(task_id="a", bash_command="true")
