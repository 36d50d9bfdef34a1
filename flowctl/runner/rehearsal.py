"""A task that does nothing, run before there is one to run.

The interpreter rewrites code while it runs it for the first times, and fills caches. Done in the
base zygote, this happens once and not in every attempt, where each write costs a page of memory.
Measured on 2026-11-21: 1,046 page faults an attempt without, 870 with it.

A spare attempt for which no order comes soon goes through it once more by itself: what it writes is
its own from then on, and the order that it waits for finds it warm.
"""

import contextlib
import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flowctl import clock
from flowctl.authoring import plugins, policies, xcom_backend
from flowctl.authoring.dag import DAG
from flowctl.authoring.masking import SecretsStream
from flowctl.authoring.ports import InMemoryPorts
from flowctl.core.attempt import Order, Outcome, RunFacts, encode
from flowctl.operators import folders
from flowctl.operators.bash import BashOperator
from flowctl.operators.python import PythonOperator
from flowctl.runner import execute, identity, messages
from flowctl.runner.blanks import Blanks
from flowctl.runner.site import here
from flowctl.runner.spool import Claim, Spool

TIMES = 12  # the interpreter specialises a function at its eighth call (3.11)
DAY = datetime(2024, 1, 1, tzinfo=UTC)
RUN = RunFacts(0, "rehearsal", "rehearsal", "manual", DAY, DAY, DAY, file="rehearsal.py")


@cache
def _dag() -> Any:
    with DAG("rehearsal", start_date=DAY, schedule=None) as dag:
        PythonOperator(task_id="python", python_callable=_nothing, op_args=[1])
        BashOperator(task_id="bash", bash_command="true")
    return dag


@cache
def _start(task_id: str) -> bytes:
    order = Order(run=RUN, ti_id=1, try_number=1, task_id=task_id)
    return encode(messages.Start(order, "rehearsal", "rehearsal"))


def rehearse() -> None:
    """Go through all that an attempt does, but for its process."""
    folder = folders.make("flowctl")
    spool, blanks = Spool(Path(folder)), Blanks(Path(folder))
    for _ in range(TIMES):
        for task_id in ("python", "bash"):
            claim, outcome = go_through(task_id)
            spool.claim(claim, blanks.take(claim.order.key))
            spool.write_outcome(claim.order.key, outcome)
            spool.remove(claim.order.key)
            blanks.give_back(claim.order.key)
    for left in Path(folder).iterdir():  # or `shutil` does, and stays in all that is forked
        left.unlink()
    folders.remove(folder)


def go_through(task_id: str = "python") -> tuple[Claim, Outcome]:
    """Run the task that does nothing, here; return what an attempt would leave in files."""
    order = messages.TO_ZYGOTE.decode(_start(task_id)).order
    claim = Claim(order, identity.own())
    encode(claim)
    with policies.put_aside(), plugins.put_aside(), xcom_backend.put_aside():
        with contextlib.redirect_stdout(SecretsStream(io.StringIO())):
            done = execute.execute(
                order, _dag(), ports=InMemoryPorts(), now=clock.utcnow, site=here()
            )
        encode(done.outcome)
        done.finish()
    return claim, done.outcome


def _nothing(_: int) -> None:
    """Do nothing."""
