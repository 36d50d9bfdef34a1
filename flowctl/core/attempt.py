"""What crosses the border between scheduler, runner and an attempt: plain messages, JSON.

An *attempt* is one start of one task instance, in a process of its own. Its key is
`(ti_id, try_number)`; the kernel, a unique row and this key together make sure that it starts at
most once. The scheduler sends an `Order`; the attempt leaves an `Outcome`.

A try may take several attempts: a sensor that looks again later, a task that is deferred. Each has
a try number of its own, so that all guards hold; `resumed` counts those that only continued a try,
and what people see is the difference: `shown_try`.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from flowctl.core.assets import AssetUpdate
from flowctl.core.deferral import Deferral
from flowctl.core.states import TaskState

CALLBACK_S_MAX = 600.0
"""How long the callbacks of one event may take. Airflow gives those that it runs beside the parser
50 s and the others no limit; here all of them have one, as whoever hangs holds a slot."""


class RunFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What user code may ask about its run. All datetimes are aware UTC."""

    pk: int
    dag_id: str
    run_id: str
    run_type: str
    logical_date: datetime
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    state: str = "running"
    external_trigger: bool = False
    conf: dict[str, Any] = {}
    file: str = ""  # relative to the DAG folder
    source_hash: str = ""  # sha256 of the file's content in the version the run is pinned to
    version: str = ""  # `core.spec.digest` of that version


class RetryPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a task is retried. `delay` and `max_delay` are before and after the back-off."""

    delay: timedelta = timedelta(seconds=300)
    factor: float = 0.0  # by which the delay grows with each retry; 0: it does not
    max_delay: timedelta | None = None


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """Run this attempt, or this callback of an attempt or a run whose own process is gone."""

    run: RunFacts
    ti_id: int  # 0 for a callback of a run
    try_number: int
    task_id: str = ""
    map_index: int = -1
    is_measured: bool = False  # others are mapped over its result
    map_count: int | None = None  # into how many instances its task is expanded
    max_tries: int = 0  # the last try number that may still be followed by a retry
    resumed: int = 0  # how many of the attempts so far only continued a try
    waiting_since: datetime | None = None  # it continues the try that began then
    next_method: str | None = None  # it was deferred: the method in which it goes on, if any
    retry: RetryPolicy = RetryPolicy()
    timeout_s: float | None = None  # execution_timeout; the runner adds a grace on top
    memory_bytes: int | None = None  # that all its processes may take together
    expected_bytes: int = 0  # how much memory, by what is declared or was seen before; 0: little
    pool: str = "default_pool"
    queued_at: datetime | None = None
    term: int = 0  # of the leader that gave the order
    is_repeated: bool = False  # it may have been given before, to a runner that is gone
    callbacks: tuple[str, ...] = ()  # events for which the task has callbacks
    mails: tuple[str, ...] = ()  # of "failure", "retry": after such an end a mail is due
    callback_id: int = 0  # set: run the callback `event` instead of the task
    event: Literal[
        "",
        "running",
        "success",
        "failure",
        "retry",
        "skipped",
        "execute",
        "mail_failure",
        "mail_retry",
        "sla_miss",
        "deadline",
    ] = ""
    addresses: tuple[str, ...] = ()  # whom a mail about the event goes to
    reason: str = ""  # what the callback finds in its context

    @property
    def shown_try(self) -> int:
        """Return the number of the try as people count."""
        return self.try_number - self.resumed

    @property
    def shown_max_tries(self) -> int:
        """Return the last try that may be followed by another, as people count."""
        return self.max_tries - self.resumed

    @property
    def key(self) -> tuple[int, int]:
        """Return what names the attempt everywhere; callbacks count below zero."""
        if self.callback_id:
            return (-self.callback_id, 0)
        return (self.ti_id, self.try_number)


class Outcome(msgspec.Struct, omit_defaults=True):
    """How an attempt ended. Written by itself (the journal), completed by who reaped it."""

    ti_id: int
    try_number: int
    state: TaskState  # one of `states.ENDED_ATTEMPT`
    started_at: datetime
    ended_at: datetime
    reason: str = ""  # one line: "AirflowFailException: no file", "killed by signal 9 (SIGKILL)"
    retry_at: datetime | None = None  # with UP_FOR_RETRY, UP_FOR_RESCHEDULE, DEFERRED
    deferral: Deferral | None = None  # with DEFERRED
    waiting_since: datetime | None = None  # when the try began, if this was not all of it
    xcoms: dict[str, str] = {}  # key -> JSON of the value
    length: int | None = None  # of the result, where it is a list or dict
    rendered_map_index: str | None = None  # what a mapped instance is called
    skip: tuple[str, ...] = ()  # task ids of this run to skip now
    branch: str | None = None  # JSON {"followed": [...]} or {"skipped": [...]}, kept for re-runs
    assets: tuple[AssetUpdate, ...] = ()  # with SUCCESS: what was updated
    rendered: dict[str, Any] | None = None  # rendered template fields
    callback: str = ""  # event whose callbacks are still to be run: "failure", "retry" ...
    mail: str = ""  # event about which a mail is due: "failure" or "retry"
    pid: int = 0
    exit_code: int | None = None
    signal: int | None = None
    peak_rss_bytes: int | None = None
    cpu_s: float | None = None


class Ended(msgspec.Struct, frozen=True):
    """An attempt has an outcome, to be written; its deferral is sealed."""

    run_pk: int
    outcome: Outcome
    log_path: str  # relative to the log folder
    host: str = ""  # where it ran

    @property
    def key(self) -> tuple[int, int]:
        """Return what names the attempt everywhere."""
        return (self.outcome.ti_id, self.outcome.try_number)


def encode(message: msgspec.Struct) -> bytes:
    """Return the JSON of one message."""
    return msgspec.json.encode(message)
