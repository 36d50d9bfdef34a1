"""How are the tries of one task instance run in this process?"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from flowctl.authoring import serialization
from flowctl.authoring.ports import Resumption
from flowctl.core.attempt import Order, Outcome, RetryPolicy
from flowctl.core.deferral import Deferral
from flowctl.core.states import CONTINUED, FINISHED, TIMED, TaskState
from flowctl.runner import execute, local_trigger
from flowctl.runner.local_instances import Instance, share_group
from flowctl.runner.local_memory import LocalRun

_log = logging.getLogger("flowctl.local")


def run(local: LocalRun, dag: Any, one: Instance, now: Callable[[], datetime]) -> None:
    """Run a task instance until it succeeds, or has no try left."""
    tries = local.outcomes.setdefault(one.name, [])
    while not tries or tries[-1].state in TIMED:
        if tries and tries[-1].state == TaskState.UP_FOR_RESCHEDULE:
            _wait_until(tries[-1].retry_at, now)
        local.states[one.name] = TaskState.RUNNING
        outcome = attempt(local, dag, one, tries, now)
        if outcome.deferral is not None:
            _await_trigger(local, one, outcome, outcome.deferral)
        tries.append(outcome)
        local.states[one.name] = outcome.state
        seconds = (outcome.ended_at - outcome.started_at).total_seconds()
        _log.info("%s: %s after %.3f s", one.name, outcome.state, seconds)
    _leave_out(local, one, tries[-1].skip)


def _leave_out(local: LocalRun, one: Instance, task_ids: Iterable[str]) -> None:
    """Skip what a task decided against; in a mapped group it decides for its own index."""
    for task_id in task_ids:
        others = local.instances.of.get(task_id, ())
        if one.map_index < 0:
            waiting = [other for other in others if local.states[other.name] not in FINISHED]
            local.states.update({other.name: TaskState.SKIPPED for other in waiting})
        elif others and task_id in one.task.downstream_task_ids and share_group(others[0], one):
            local.left_out.add((task_id, one.map_index))


def _wait_until(moment: datetime | None, now: Callable[[], datetime]) -> None:
    """Wait for the next look of a sensor, as the scheduler does."""
    if moment is not None:
        threading.Event().wait(max(0.0, (moment - now()).total_seconds()))


def _await_trigger(local: LocalRun, one: Instance, outcome: Outcome, deferral: Deferral) -> None:
    """Wait for what the task deferred to; it may end the task."""
    found = local_trigger.fire(deferral)
    if isinstance(found, Resumption):
        local.ports.resumptions[one.id] = found
        return
    outcome.state = found.task_instance_state
    for key, value in (found.xcoms or {}).items():
        local.ports.push_xcom(one.id, key, serialization.dumps(value, is_xcom=True))


def attempt(
    local: LocalRun,
    dag: Any,
    one: Instance,
    before: Sequence[Outcome],
    now: Callable[[], datetime],
    *,
    test_mode: bool = False,
) -> Outcome:
    """Run one attempt, after those `before`; it goes on with the try of the last if that waits."""
    resumed = sum(earlier.state in CONTINUED for earlier in before)
    last = before[-1] if before and before[-1].state in CONTINUED else None
    order = Order(
        local.run,
        one.id,
        len(before) + 1,
        task_id=one.task_id,
        map_index=one.map_index,
        map_count=len(local.instances.of[one.task_id]) if one.map_index >= 0 else None,
        is_measured=local.instances.is_measured(one.task_id),
        max_tries=0 if test_mode else one.task.retries + resumed,
        resumed=resumed,
        waiting_since=last.waiting_since if last else None,
        next_method=last.deferral.method if last and last.deferral else None,
        retry=RetryPolicy(),
        queued_at=now(),
    )
    _log.info("%s: starting try %d", one.name, order.shown_try)
    outcome, finish = execute.execute(order, dag, ports=local.ports, now=now, test_mode=test_mode)
    for key, value in outcome.xcoms.items():
        local.ports.push_xcom(one.id, key, value)
    finish()
    return outcome
