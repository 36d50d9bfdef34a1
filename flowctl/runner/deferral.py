"""From a task that is deferred to the process in which it goes on: what is kept, and given back.

A trigger and the arguments of the method must be plain data: another process makes them anew.
"""

from datetime import timedelta
from typing import Any

from flowctl.authoring import serialization
from flowctl.authoring.deferring import RESUME_FAILED, TRIGGER_FAILURE, TRIGGER_TIMEOUT
from flowctl.authoring.exceptions import AirflowException, TaskDeferred
from flowctl.authoring.ports import Resumption
from flowctl.authoring.triggers import plain_text
from flowctl.core.attempt import Order
from flowctl.core.deferral import Deferral


def kept(task: Any, asked: TaskDeferred) -> Deferral:
    """Return what is kept of a task that asked to be deferred.

    Raises:
        AirflowException: it cannot go on from what it asked for; the message says why.
    """
    where = f"task {task.task_id!r} cannot be deferred"
    method = asked.method_name or ""
    if method and not callable(getattr(task, method, None)):
        raise AirflowException(
            f"{where}: {type(task).__name__} has no method {method!r} to go on with"
        )
    try:
        classpath, kwargs = asked.trigger.serialize()
    except (AttributeError, TypeError, ValueError) as error:
        raise AirflowException(
            f"{where}: {asked.trigger!r} is no trigger; derive it from BaseTrigger, and let its"
            ' serialize return ("package.module.Class", {name: value})'
        ) from error
    timeout = asked.timeout
    return Deferral(
        classpath=classpath,
        kwargs=plain_text(f"{where}: what {classpath} is made of", kwargs),
        method=method,
        method_kwargs=plain_text(f"{where}: kwargs of {method}", asked.kwargs or {}),
        timeout=timeout if isinstance(timeout, timedelta | None) else timedelta(seconds=timeout),
    )


def taken_up(order: Order, found: Resumption) -> tuple[str, dict[str, Any]]:
    """Return the method in which a deferred task goes on, and its arguments without the context."""
    if found.event is None:
        traceback = found.traceback.splitlines() if found.traceback else None
        return RESUME_FAILED, {"error": found.error or TRIGGER_TIMEOUT, "traceback": traceback}
    if not order.next_method:
        error = f"{TRIGGER_FAILURE}: it brought an event, but the task named no method to go on in"
        return RESUME_FAILED, {"error": error}
    event = serialization.loads(found.event)
    return order.next_method, {**serialization.loads(found.kwargs), "event": event}
