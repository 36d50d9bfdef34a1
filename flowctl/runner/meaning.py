"""What does an exception of a user's code mean for the try that raised it?

It says in which state the try ends and when the next one may start, asks the `retry_policy` of the
task, finds the one line that people read, and logs it all. It runs nothing else.

Source: what each exception means is Airflow 2.10's.
"""

import logging
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from flowctl.authoring.context import Context
from flowctl.authoring.exceptions import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferred,
)
from flowctl.authoring.hints import how_to_import
from flowctl.authoring.log_lines import say
from flowctl.authoring.masking import redact
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.retry_policy import RetryAction, RetryDecision
from flowctl.authoring.triggers import short_name
from flowctl.core import retries
from flowctl.core.attempt import Order, Outcome
from flowctl.core.states import TaskState
from flowctl.runner.site import Site, here

REASON_LENGTH_MAX = 500  # characters of `Outcome.reason`; the log has the whole
EVENTS = {
    TaskState.SUCCESS: "success",
    TaskState.FAILED: "failure",
    TaskState.UP_FOR_RETRY: "retry",
    TaskState.SKIPPED: "skipped",
}
"""How the callbacks of a task call the end of a try; in other states it has not ended."""

_NO_RETRY = (AirflowFailException, AirflowSensorTimeout)
_NO_POLICY = RetryDecision()
_NO_FAILURE = (AirflowSkipException, AirflowRescheduleException, TaskDeferred)

_log = logging.getLogger("airflow.task")


def failed(
    order: Order,
    error: BaseException,
    started_at: datetime,
    ended_at: datetime,
    site: Site | None = None,
) -> Outcome:
    """Return the outcome of a try that did not come as far as its task, and log why."""
    outcome = Outcome(order.ti_id, order.try_number, TaskState.FAILED, started_at, ended_at)
    outcome.waiting_since = order.waiting_since
    judge(order, error, outcome, site or here())
    tell(error, outcome)
    outcome.callback = EVENTS[outcome.state]
    return outcome


def asked_policy(
    task: Any, order: Order, context: Context, error: BaseException | None
) -> RetryDecision:
    """Ask the `retry_policy` of the task about a failure; one that fails itself says nothing."""
    policy = getattr(task, "retry_policy", None)
    if policy is None or error is None or isinstance(error, (*_NO_RETRY, *_NO_FAILURE)):
        return _NO_POLICY
    try:
        said: RetryDecision = policy.evaluate(
            error, order.shown_try, order.max_tries - order.resumed, context
        )
    except Exception:  # user code
        _log.exception("the retry_policy of task %r failed; it is left out", order.task_id)
        return _NO_POLICY
    if said.reason:
        _log.info("The retry policy says %s: %s", said.action.value, said.reason)
    return said


def judge(
    order: Order,
    error: BaseException | None,
    outcome: Outcome,
    site: Site,
    policy: RetryDecision = _NO_POLICY,
) -> None:
    """Write into `outcome` which state `error` leads to."""
    if error is None:
        return
    if isinstance(error, AirflowRescheduleException):
        outcome.state = TaskState.UP_FOR_RESCHEDULE
        outcome.retry_at = _in_utc(error.reschedule_date)
        outcome.waiting_since = order.waiting_since or outcome.started_at
        return
    if isinstance(error, TaskDeferred):
        outcome.state = TaskState.DEFERRED
        outcome.waiting_since = order.waiting_since or outcome.started_at
        return
    outcome.reason = _reason(error)
    if isinstance(error, AirflowSkipException):
        outcome.state = TaskState.SKIPPED
        return
    outcome.state = TaskState.FAILED
    final = isinstance(error, _NO_RETRY) or policy.action is RetryAction.FAIL
    if not final and retries.may_retry(order.try_number, order.max_tries):
        outcome.state = TaskState.UP_FOR_RETRY
        identity = (order.run.dag_id, order.task_id, order.run.logical_date)
        if policy.retry_delay is not None:
            outcome.retry_at = outcome.ended_at + policy.retry_delay
            return
        outcome.retry_at = retries.next_retry_at(
            order.retry, identity, order.shown_try, outcome.ended_at, site.retry_delay_max
        )


def _in_utc(date: datetime) -> datetime:
    """Return a moment that user code gave; without a zone it is meant in UTC."""
    return plain_utc(date if date.tzinfo else date.replace(tzinfo=UTC))


def _reason(error: BaseException) -> str:
    """Return one line that says what happened, without secrets."""
    if isinstance(error, SystemExit):
        return f"SystemExit({error.code!r})"
    text = str(redact(str(error))).strip()
    name = type(error).__name__
    line = f"{name}: {text}" if text else name
    if isinstance(error, ModuleNotFoundError) and (cure := how_to_import(error.name or "")):
        line += f"; {cure}" if cure not in line else ""
    notes = "; ".join(str(redact(note)) for note in getattr(error, "__notes__", ()))
    line += f" ({notes})" if notes else ""
    line = line.encode(errors="replace").decode().replace("\0", "\ufffd")  # no database takes those
    return " ".join(line.split())[:REASON_LENGTH_MAX]


def shown_to_callbacks(error: BaseException | None) -> BaseException | str | None:
    """Return what callbacks find under `exception`; of `sys.exit` Airflow hands on a sentence."""
    if isinstance(error, SystemExit):
        return f"Task failed due to SystemExit({error.code})"
    return error


def tell(error: BaseException | None, outcome: Outcome, caller: str = __file__) -> None:
    """Log how the try ended; a failure with its traceback, from the user's code on.

    Args:
        caller: the file that called the user's code; its frames tell a user nothing.
    """
    if error is None:
        say("Task succeeded")
    elif outcome.state == TaskState.SKIPPED:
        say(f"Task skipped: {error}")
    elif outcome.deferral is not None:
        until = f", until {outcome.retry_at} at the latest" if outcome.retry_at else ""
        say(f"Task deferred: it waits for {short_name(outcome.deferral.classpath)}{until}")
    elif outcome.state == TaskState.UP_FOR_RESCHEDULE:
        say(f"Task goes on at {outcome.retry_at}")
    else:
        shown = type(error), error, _from_user_code(error.__traceback__, caller)
        _log.error("Task failed: %s", outcome.reason, exc_info=shown)
        if outcome.retry_at:
            _log.info("The next try may start at %s", outcome.retry_at.isoformat())


def _from_user_code(trace: TracebackType | None, caller: str) -> TracebackType | None:
    """Drop the leading frames of the caller; keep one at least."""
    rest = trace
    while rest is not None and rest.tb_frame.f_code.co_filename == caller:
        rest = rest.tb_next
    return rest or trace
