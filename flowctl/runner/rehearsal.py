"""A task that does nothing, run a few times before attempts are forked.

The interpreter rewrites code while it runs it for the first times, and fills caches. Done in the
base zygote, this happens once and not in every attempt, where each write costs a page of memory.
Measured on 2026-11-21: 1,046 page faults an attempt without, 870 with it.
"""

import contextlib
import io
from datetime import UTC, datetime
from pathlib import Path

from flowctl import clock
from flowctl.authoring.dag import DAG
from flowctl.authoring.ports import InMemoryPorts
from flowctl.core.attempt import Order, RunFacts
from flowctl.operators import folders
from flowctl.operators.bash import BashOperator
from flowctl.operators.python import PythonOperator
from flowctl.runner import execute, identity
from flowctl.runner.spool import Claim, Spool

TIMES = 3  # the interpreter specialises code at its second or third run


def rehearse() -> None:
    """Go through all that an attempt does, but for its process."""
    day = datetime(2024, 1, 1, tzinfo=UTC)
    with DAG("rehearsal", start_date=day, schedule=None) as dag:
        PythonOperator(task_id="python", python_callable=_nothing, op_args=[1])
        BashOperator(task_id="bash", bash_command="true")
    run = RunFacts(0, "rehearsal", "rehearsal", "manual", day, day, day, file="rehearsal.py")
    folder = folders.make("flowctl")
    with contextlib.redirect_stdout(io.StringIO()):
        spool = Spool(Path(folder))
        for number in range(TIMES):
            for task_id in ("python", "bash"):
                order = Order(run=run, ti_id=1, try_number=number, task_id=task_id)
                spool.claim(Claim(order, identity.own()))
                done = execute.execute(order, dag, ports=InMemoryPorts(), now=clock.utcnow)
                spool.write_outcome(order.key, done.outcome)
                spool.remove(order.key)
                done.finish()
    folders.remove(folder)


def _nothing(_: int) -> None:
    """Do nothing."""
