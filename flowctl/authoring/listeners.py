"""Who of the user's code wants to hear what happens to tasks, runs and files? (`airflow.listeners`)

Listeners come with plugins. They are user code, so each hears where user code runs:

- of a task instance in its own attempt: when it begins, and once its outcome is safe on disk; one
  whose process died, in the callback process that tells of such deaths;
- of a run in a callback process, as its callbacks: nothing else that is the user's is alive then;
- of files that cannot be imported in the parser child that found out;
- of daemons that start and stop in a parser child as well.

A listener that raises is logged and changes nothing.
"""

import logging
from typing import Any

from flowctl.authoring import plugins
from flowctl.authoring.hook_functions import called, marked

_log = logging.getLogger("airflow.listeners")

RUN_EVENTS = {
    "running": "on_dag_run_running",
    "success": "on_dag_run_success",
    "failure": "on_dag_run_failed",
}
TASK_EVENTS = {
    "success": "on_task_instance_success",
    "failure": "on_task_instance_failed",
    "retry": "on_task_instance_failed",
    "skipped": "on_task_instance_skipped",
}


def is_heard(event: str) -> bool:
    """Say whether somebody listens to an event, named as its function is."""
    found = plugins.current.all_of("listeners")
    return bool(found) and any(marked(listener, event) for listener in found)


def tell(event: str, **offered: Any) -> None:
    """Tell all who listen; each takes of what is offered what it names."""
    for listener in plugins.current.all_of("listeners"):
        function = marked(listener, event)
        if function is None:
            continue
        try:
            called(function, **offered)
        except (Exception, SystemExit):
            _log.exception("%s of the listener %r failed", event, listener)


def tell_of_task(event: str, ti: Any, error: Any = None) -> None:
    """Tell of a try that ended; `event` as for callbacks."""
    name = TASK_EVENTS.get(event)
    if name is not None:
        tell(name, previous_state="running", task_instance=ti, error=error, session=None)


def tell_of_run(event: str, run: Any, reason: str) -> None:
    """Tell of a run; `event` as for callbacks."""
    name = RUN_EVENTS.get(event)
    if name is not None:
        tell(name, dag_run=run, msg=reason)
