"""What runner, zygotes, attempts and the scheduler's executor say to each other."""

from datetime import datetime
from typing import Any

import msgspec

from flowctl.core.attempt import Ended, Order
from flowctl.core.states import TaskState

# ------------------------------------------------------------------ executor -> runner


class Hello(msgspec.Struct, tag=True):
    """A scheduler speaks; the highest term is obeyed."""

    term: int
    version: str
    slots: int  # how many attempts may have a process at once; further orders wait their turn


class Run(msgspec.Struct, tag=True):
    """Start these attempts; those that are known already are left as they are."""

    orders: list[Order]
    written: list[tuple[int, int]] = []  # of the outcomes that were handed over: see `Facts`


class Kill(msgspec.Struct, tag=True):
    """End these attempts, with everything they started."""

    keys: list[tuple[int, int]]
    reason: str


class Leave(msgspec.Struct, tag=True):
    """End yourself once no attempt is left; or at once, for a runner that adopts them."""

    at_once: bool = False


class Left(msgspec.Struct, tag=True):
    """Write these outcomes, that were handed over, yourself."""

    keys: list[tuple[int, int]]


# ------------------------------------------------------------------ runner -> executor


class Welcome(msgspec.Struct, tag=True):
    """The runner's answer to Hello: the attempts it knows."""

    version: str
    pid: int
    known: list[tuple[int, int]]
    memory_way: str = ""  # how memory limits are enforced


class TaskFact(msgspec.Struct):
    """A task instance moved."""

    ti_id: int
    try_number: int
    state: TaskState
    retry_at: datetime | None = None
    waiting_since: datetime | None = None
    left: int | None = None  # see `core.run.Task`
    next_method: str | None = None
    branch: str | None = None  # JSON of what a branch decided
    peak_bytes: int = 0  # of memory, if it was much; see `core.headroom`


class RunFact(msgspec.Struct):
    """What moved in a run to bring it to `revision`; `is_all` is False when more did."""

    run_pk: int
    revision: int
    tasks: list[TaskFact]
    skipped: list[int] = []  # task instances that one of these tasks decided against
    is_all: bool = True


class Facts(msgspec.Struct, tag=True):
    """What the runner wrote to the metastore, and the plain outcomes that it did not.

    These it hands over: a leader writes them together with what follows from them, in one
    transaction instead of two, or leaves them to the runner; either way he says so.
    """

    runs: list[RunFact]
    callbacks: bool = False  # some are due
    assets: bool = False  # some were updated
    callbacks_ended: list[int] = []  # their processes are gone, however they ended
    handed: list[Ended] = []

    @property
    def has_deferred(self) -> bool:
        """Say whether a task was deferred, so that a triggerer has something to do."""
        return any(fact.next_method is not None for run in self.runs for fact in run.tasks)


class Load(msgspec.Struct, tag=True):
    """What the attempts of which much is expected take of the memory now."""

    taken: dict[int, int]  # bytes by task instance


# ------------------------------------------------------------------ attempt -> runner and back


class Ask(msgspec.Struct, tag=True):
    """User code asks for data: the name of a method of `authoring.ports.Ports`, its arguments."""

    op: str
    args: list[Any]


class Answer(msgspec.Struct, tag=True):
    """The answer, or why there is none."""

    value: Any = None
    error: str | None = None


# ------------------------------------------------------------------ runner -> zygotes


class Hatch(msgspec.Struct, tag=True):
    """To the base zygote: make a zygote for this file; its end of the channel comes along."""

    file: str  # as in `DagSpec.file`
    dags_folder: str
    source_path: str | None  # the content of the version wanted; None: what is on disk now
    is_cold: bool = False  # do not import the file, let every attempt do it


class Start(msgspec.Struct, tag=True):
    """To a zygote: have an attempt run."""

    order: Order
    log_path: str  # absolute
    blank: str  # the file that its record will be, absolute
    group: str = ""  # the file through which its process enters its control group
    waiting_pid: int = 0  # of the process that shall take it, if it still waits


# ------------------------------------------------------------------ attempts -> their zygote


class Over(msgspec.Struct, tag=True):
    """The attempt has left its outcome; its process ends, or stays for another."""

    peak_rss_bytes: int
    cpu_s: float
    stays: bool


# ------------------------------------------------------------------ zygotes -> runner


class Ready(msgspec.Struct, tag=True):
    """The DAG file is imported, or not; attempts report the error themselves."""

    error: str | None
    is_cold: bool  # it is of no use: each attempt has to import the file for itself
    pid: int


class Forked(msgspec.Struct, tag=True):
    """An attempt has a process."""

    key: tuple[int, int]
    pid: int
    at: datetime


class Reaped(msgspec.Struct, tag=True):
    """An attempt is over: its process ended, or would now."""

    key: tuple[int, int]
    status: int
    peak_rss_bytes: int
    cpu_s: float
    waiting_pid: int = 0  # of its process, which waits for another order; 0: it does not


ToRunner = Hello | Run | Kill | Left | Leave | Ask
ToExecutor = Welcome | Facts | Load
FromZygote = Ready | Forked | Reaped

TO_RUNNER: msgspec.json.Decoder[ToRunner] = msgspec.json.Decoder(ToRunner)
TO_EXECUTOR: msgspec.json.Decoder[ToExecutor] = msgspec.json.Decoder(ToExecutor)
FROM_ZYGOTE: msgspec.json.Decoder[FromZygote] = msgspec.json.Decoder(FromZygote)
TO_ZYGOTE: msgspec.json.Decoder[Start] = msgspec.json.Decoder(Start)
OVER: msgspec.json.Decoder[Over] = msgspec.json.Decoder(Over)
TO_BASE: msgspec.json.Decoder[Hatch] = msgspec.json.Decoder(Hatch)
ANSWER: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)
