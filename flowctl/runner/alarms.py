"""The mail about a try that failed: what it says, and what happens if it cannot be sent.

It is sent in a process of its own, after the end of the try is in the metastore, whatever became of
the process of the try. It is sent also when the DAG file cannot be imported any more. Mail that no
server takes is given up with a sentence in the log: an alarm must not hang about for ever.
"""

import html
import logging
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from flowctl.authoring import mail, ports, rendering
from flowctl.authoring.context import Context, entered
from flowctl.authoring.masking import redact
from flowctl.authoring.task_instance import TaskInstance
from flowctl.core.attempt import Order
from flowctl.core.states import TaskState
from flowctl.late import Late
from flowctl.runner import callbacks, late
from flowctl.runner.callbacks import task_of
from flowctl.runner.context import build_context
from flowctl.runner.site import here

if TYPE_CHECKING:
    import hashlib
else:
    hashlib = Late("hashlib")

STATES = {"mail_failure": TaskState.FAILED, "mail_retry": TaskState.UP_FOR_RETRY}

SUBJECT = "flowctl alert: {{ ti.dag_id }}.{{ ti.task_id }}{{ instance }} {{ outcome }}"
TEXT = """\
<p>Task <b>{{ ti.task_id | e }}{{ instance }}</b> of DAG <b>{{ ti.dag_id | e }}</b>,
run {{ ti.run_id | e }}: try {{ try_number }} of {{ max_tries + 1 }} {{ outcome }}.</p>
<p>{{ exception_html }}</p>
<p><a href="{{ ti.log_url | e }}">Log</a>, on {{ ti.hostname }}</p>
"""
OUTCOMES = {"mail_failure": "failed", "mail_retry": "failed, another one follows"}

_log = logging.getLogger("airflow.task")


def answer(order: Order, find_dag: Callable[[str], Any]) -> None:
    """Do what a callback order asks for: send a mail, or call functions of the DAG file."""
    if order.event == "sla_miss":
        late.tell_of_tasks(order, find_dag)
    elif order.event == "deadline":
        late.tell_of_run(order, find_dag)
    elif order.addresses:
        send(order, find_dag)
    else:
        dag = find_dag(order.run.dag_id)
        callbacks.run_callbacks(order, dag, ports=ports.current())


def send(order: Order, find_dag: Callable[[str], Any]) -> None:
    """Send the mail that is ordered; what goes wrong is logged, never raised."""
    dag, task = _found(order, find_dag)
    context = _context(order, dag, task)
    subject = _rendered("subject_template", mail.settings.subject_template, SUBJECT, context)
    text = _rendered("html_content_template", mail.settings.html_content_template, TEXT, context)
    headers = {"Message-ID": _message_id(order)}
    try:
        with entered(context):
            mail.send_email(list(order.addresses), subject, text, custom_headers=headers)
    except (Exception, SystemExit):  # the backend may be the site's own
        _log.exception("the mail to %s is given up", ", ".join(order.addresses))


def _context(order: Order, dag: Any, task: Any) -> Context:
    """Return what a template may name: the context of the task, and what the mail is about."""
    site = here()
    ti = TaskInstance(order, task, ports.current(), base_url=site.base_url)
    ti.state = STATES[order.event]
    context = build_context(order, dag, task, ti, ports.current(), site)
    reason = html.escape(str(redact(order.reason)))
    context["exception"] = order.reason
    context["exception_html"] = reason.replace("\n", "<br>")
    context["try_number"] = order.shown_try
    context["max_tries"] = order.shown_max_tries
    context["instance"] = f"[{order.map_index}]" if order.map_index >= 0 else ""
    context["outcome"] = OUTCOMES[order.event]
    return context


def _found(order: Order, find_dag: Callable[[str], Any]) -> tuple[Any, Any]:
    """Return DAG and task; what stands for them where the file does not have them any more."""
    try:
        dag = find_dag(order.run.dag_id)
        return dag, task_of(dag, order.task_id)
    except (Exception, SystemExit):
        traceback.print_exc()
        return None, SimpleNamespace(task_id=order.task_id, email=list(order.addresses), params={})


def _rendered(name: str, path: str, own: str, context: Context) -> str:
    """Return the text of the site's template, or of our own where that one is no use."""
    templates = rendering.engine()
    if path:
        try:
            env = templates.environment(context["dag"], force_sandboxed=True)
            return str(templates.render_text(Path(path).read_text(), context, env))
        except Exception as error:  # the template is the site's
            _log.warning("[email] %s, %s: %s; the usual text is sent", name, path, error)
    return str(templates.render_text(own, context, templates.environment(None)))


def _message_id(order: Order) -> str:
    """Return the same id for the same mail, by which mail programs know a second copy."""
    run = order.run
    words = (run.dag_id, run.run_id, run.queued_at, order.ti_id, order.try_number, order.event)
    return f"<{hashlib.sha256(repr(words).encode()).hexdigest()[:32]}@{socket.gethostname()}>"
