"""DAGs that the parser reads well and the runner does not: the file sees who imports it."""

import os
import signal
import sys
import threading

from flowctl import DAG
from flowctl.operators.bash import BashOperator

IN_RUNNER = "flowctl.runner.attempt" in sys.modules

if IN_RUNNER and os.environ["FAULTS_IMPORT"] == "dies":
    os.kill(os.getpid(), signal.SIGKILL)
if IN_RUNNER and os.environ["FAULTS_IMPORT"] == "hangs":
    threading.Event().wait()
if IN_RUNNER and os.environ["FAULTS_IMPORT"] == "exits":
    sys.exit("no licence")

with DAG("imports", schedule=None):
    BashOperator(task_id="a", bash_command="true")
