"""How did an attempt end? From its journal, and from what was seen of its process."""

import os
import signal
from datetime import datetime, timedelta

from flowctl.config import load
from flowctl.core.attempt import Order, Outcome
from flowctl.core.retries import may_retry, next_retry_at
from flowctl.core.states import TaskState
from flowctl.runner.spool import Exit

EXIT_DONE = 0
EXIT_CLAIMED = 93  # another process has this attempt
EXIT_BROKEN = 94  # our own code failed; the log says how
EXIT_NO_FORK = 95  # there was no memory or no pid for the process
EXIT_DISK_FULL = 96  # there was no room for the claim or the log

LOST = "the process is gone; nobody saw how it ended"
OWN_EXITS = {
    EXIT_NO_FORK: "no process could be started: memory or process ids are used up",
    EXIT_DISK_FULL: "the disk is full: there was no room for the log of the task",
}


def outcome(
    order: Order,
    journal: Outcome | None,
    seen: Exit | None,
    *,
    started_at: datetime | None,
    kill_reason: str,
    memory_reason: str = "",
    now: datetime,
) -> Outcome:
    """Return how an attempt ended.

    Args:
        order: what was ordered.
        journal: what the attempt itself left; it is believed, whatever happened afterwards.
        seen: how its process ended; None when nobody saw it.
        started_at: when its process was started, None when it never was.
        kill_reason: why the runner killed it; empty when it did not.
        memory_reason: says that it was over its memory limit; empty when it was not.
        now: the moment of its end, as far as anybody knows.
    """
    if journal is None:
        journal = died(order, started_at or now, now, memory_reason or kill_reason or how(seen))
    elif seen is None or seen.status == 0:
        journal.callback = ""  # they were run before the process ended
    if memory_reason and journal.state in (TaskState.FAILED, TaskState.UP_FOR_RETRY):
        journal.reason = memory_reason
    if seen is not None:
        journal.peak_rss_bytes = seen.peak_rss_bytes
        journal.cpu_s = seen.cpu_s
        if os.WIFSIGNALED(seen.status):
            journal.signal = os.WTERMSIG(seen.status)
        else:
            journal.exit_code = os.WEXITSTATUS(seen.status)
    return journal


def died(order: Order, started_at: datetime, ended_at: datetime, reason: str) -> Outcome:
    """Return the outcome of an attempt that left none: a retry where one is left, else failed."""
    ended_at = max(started_at, ended_at)  # clocks may go back
    again = may_retry(order.try_number, order.max_tries)
    event = "retry" if again else "failure"
    return Outcome(
        ti_id=order.ti_id,
        try_number=order.try_number,
        state=TaskState.UP_FOR_RETRY if again else TaskState.FAILED,
        started_at=started_at,
        ended_at=ended_at,
        reason=reason,
        retry_at=retry_at(order, ended_at) if again else None,
        waiting_since=order.waiting_since,
        callback=event if event in order.callbacks else "",
    )


def retry_at(order: Order, ended_at: datetime) -> datetime:
    """Return when the try after this one may start."""
    identity = (order.run.dag_id, order.task_id, order.run.logical_date)
    longest = timedelta(seconds=load().number("core", "max_task_retry_delay"))
    return next_retry_at(order.retry, identity, order.shown_try, ended_at, longest)


def how(seen: Exit | None) -> str:
    """Say in words how a process ended that left no journal."""
    if seen is None:
        return LOST
    if os.WIFSIGNALED(seen.status):
        number = os.WTERMSIG(seen.status)
        name = signal.Signals(number).name if number in list(signal.Signals) else "?"
        hint = "; was memory short? See the kernel's log" if number == signal.SIGKILL else ""
        return f"killed by signal {number} ({name}){hint}"
    code = os.WEXITSTATUS(seen.status)
    if code in OWN_EXITS:
        return OWN_EXITS[code]
    return f"the process ended with exit status {code} before the task had an outcome"
