"""Which functions of the user are called when a task or a run ended, and what happens if they fail?

A callback that fails is logged with its traceback; it never changes how the task ended.
"""

import logging
from collections.abc import Callable
from typing import Any, Literal

from flowctl.authoring import listeners
from flowctl.authoring.context import Context, entered
from flowctl.authoring.exceptions import AirflowTaskTimeout, TaskNotFound
from flowctl.authoring.ports import Ports, current
from flowctl.authoring.task_instance import TaskInstance
from flowctl.core.attempt import CALLBACK_S_MAX, Order
from flowctl.core.states import TaskState
from flowctl.runner.context import build_context
from flowctl.runner.limits import time_limit
from flowctl.runner.site import Site, here

Event = Literal["success", "failure", "retry", "skipped", "execute"]

STATES: dict[str, TaskState] = {
    "success": TaskState.SUCCESS,
    "failure": TaskState.FAILED,
    "retry": TaskState.UP_FOR_RETRY,
    "skipped": TaskState.SKIPPED,
    "execute": TaskState.RUNNING,
    "running": TaskState.NONE,  # of a run that has just begun
}
"""The state that the task instance has while the callbacks of an event run."""

_log = logging.getLogger("airflow.task")


def callbacks_of(owner: Any, event: str) -> list[Callable[[Context], Any]]:
    """Return what a task or a DAG has under `on_<event>_callback`: nothing, one or several."""
    found = getattr(owner, f"on_{event}_callback", None)
    if not found:
        return []
    return list(found) if isinstance(found, list | tuple) else [found]


def run_for(owner: Any, event: str, context: Context) -> None:
    """Call the callbacks of `event`, in order, with `context`."""
    for index, callback in enumerate(callbacks_of(owner, event)):
        name = getattr(callback, "__name__", type(callback).__name__)
        _log.info("Running on_%s_callback %d: %s", event, index, name)
        try:
            with entered(context), time_limit(CALLBACK_S_MAX, "the time for callbacks"):
                callback(context)
        except (Exception, SystemExit, AirflowTaskTimeout):
            _log.exception("on_%s_callback %d (%s) failed", event, index, name)


def run_callbacks(
    order: Order,
    dag: Any,
    *,
    ports: Ports,
    site: Site | None = None,
) -> None:
    """Run the callbacks `order.event` of a task, or of a run, whose own process is gone.

    A task's callbacks find the reason under `exception`, as text; a run's find it under `reason`,
    in the context of one of its tasks, as Airflow has it.

    Raises:
        TaskNotFound: the DAG has no such task any more.
    """
    of_run = not order.task_id
    task = dag.tasks[-1] if of_run else task_of(dag, order.task_id)
    context = _context(order, dag, task, ports, site or here())
    if of_run:
        context["reason"] = order.reason
    elif order.event in ("failure", "retry"):
        context["exception"] = order.reason
    if of_run:
        listeners.tell_of_run(order.event, context["dag_run"], order.reason)
    else:
        listeners.tell_of_task(order.event, context["ti"], context.get("exception"))
    run_for(dag if of_run else task, order.event, context)


def run_context(order: Order, dag: Any) -> Context:
    """Return the context of a run, which is that of one of its tasks, as Airflow has it."""
    return _context(order, dag, dag.tasks[-1], current(), here())


def _context(order: Order, dag: Any, task: Any, answers: Ports, site: Site) -> Context:
    ti = TaskInstance(order, task, answers, base_url=site.base_url)
    ti.task_id = task.task_id
    ti.state = STATES.get(order.event)
    return build_context(order, dag, task, ti, answers, site)


def task_of(dag: Any, task_id: str) -> Any:
    """Return a task of a DAG.

    Raises:
        TaskNotFound: it has none of this id.
    """
    try:
        return dag.task_dict[task_id]
    except KeyError:
        raise TaskNotFound(
            f"DAG {dag.dag_id!r} has no task {task_id!r} in the version that this run belongs to"
        ) from None
