"""What happens in the process that tells of a missed SLA or deadline."""

import html
import json
import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from flowctl.authoring import mail, ports
from flowctl.authoring.context import entered
from flowctl.authoring.dag_run import DagRun
from flowctl.authoring.exceptions import AirflowTaskTimeout
from flowctl.authoring.moments import shown
from flowctl.core.attempt import CALLBACK_S_MAX, Order
from flowctl.core.states import TaskState
from flowctl.runner.callbacks import run_context
from flowctl.runner.limits import time_limit
from flowctl.runner.site import here

_log = logging.getLogger("airflow.task")


class SlaMiss(NamedTuple):
    """A task that is late, as `sla_miss_callback` gets to know it."""

    task_id: str
    dag_id: str
    execution_date: Any
    run_id: str
    email_sent: bool = False
    notification_sent: bool = False
    description: str | None = None


def tell_of_tasks(order: Order, find_dag: Callable[[str], Any]) -> None:
    """Call the DAG's `sla_miss_callback` and send the mail; what goes wrong is logged."""
    run, late = order.run, json.loads(order.reason)
    date = shown(run.logical_date)
    slas = [SlaMiss(task_id, run.dag_id, date, run.run_id) for task_id in late]
    states = DagRun(run, run.dag_id, ports.current()).get_task_instances()
    blocking = [ti for ti in states if ti.state is not TaskState.SUCCESS]
    tasks = "\n".join(f"{task_id} on {date.isoformat()}" for task_id in late)
    others = "\n".join(f"{ti.task_id} on {date.isoformat()}" for ti in blocking)
    if order.addresses:
        _mail(order, tasks, others)
    try:
        dag = find_dag(run.dag_id)
    except (Exception, SystemExit):
        _log.exception("the file of DAG %s cannot be imported", run.dag_id)
        return
    for callback in _listed(dag.sla_miss_callback):
        _call("sla_miss_callback", lambda one=callback: one(dag, tasks, others, slas, blocking))  # type: ignore[misc]


def _mail(order: Order, tasks: str, others: str) -> None:
    dag_id = order.run.dag_id
    text = (
        f"<p>These tasks of DAG <b>{html.escape(dag_id)}</b> are late (SLA):</p>"
        f"<pre>{html.escape(tasks)}</pre><p>Not done in this run:</p>"
        f"<pre>{html.escape(others)}</pre>"
        f'<p><a href="{html.escape(here().base_url)}">flowctl</a></p>'
    )
    subject = f"flowctl alert: {dag_id} missed its SLA"
    _call("mail", lambda: mail.send_email(list(order.addresses), subject, text))


def tell_of_run(order: Order, find_dag: Callable[[str], Any]) -> None:
    """Call what the DAG's deadline names; what goes wrong is logged."""
    dag = find_dag(order.run.dag_id)
    alert = dag.deadlines[int(order.reason)]
    _log.info("The run missed the deadline %s", alert.name or order.reason)
    context = run_context(order, dag)
    with entered(context):
        _call("deadline", lambda: alert.callback.run(context))


def _call(what: str, function: Callable[[], Any]) -> None:
    try:
        with time_limit(CALLBACK_S_MAX, "the time for callbacks"):
            function()
    except (Exception, SystemExit, AirflowTaskTimeout):  # user code
        _log.exception("%s failed", what)


def _listed(given: Any) -> list[Any]:
    if not given:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]
