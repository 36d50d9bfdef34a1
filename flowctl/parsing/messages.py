"""What the parser, its zygote and the children say to each other. Plain data, msgpack."""

from datetime import datetime
from typing import Any

import msgspec

from flowctl.core.spec import DagSpec
from flowctl.core.timetables import Due, Interval


class Asked(msgspec.Struct, frozen=True):
    """What only the timetable that a user wrote can answer."""

    dag_id: str
    last: Interval | None = None  # of the latest automated run
    wants_dates: bool = True
    manual: tuple[datetime, ...] = ()  # moments at which somebody started a run
    between: Interval | None = None  # only runs whose logical date is in it, due or not
    runs_max: int = 500  # of one answer; the next question goes on from there


class Answers(msgspec.Struct, frozen=True):
    """What it answered: the runs after `last` in order, and an interval for each manual moment."""

    dues: tuple[Due, ...] = ()
    is_all: bool = False  # no run follows the last of `dues`
    intervals: tuple[Interval, ...] = ()


class Job(msgspec.Struct, frozen=True, tag=True):
    """To the zygote: parse this file in a child. Its result file and question socket come along."""

    id: int
    path: str  # absolute
    root: str  # the folder it belongs to
    label: str  # what DagSpec.file says
    log: str  # absolute
    sys_path: tuple[str, ...] = ()
    plugins: str = ""  # the folder of plugins, which count while the file is parsed
    is_plugin: bool = False  # the file is one: only see whether it can be loaded
    event: str = ""  # there is no file: tell the listeners of plugins of this event
    had_error: bool = False  # the last time
    safe_mode: bool = True
    import_timeout_s: float = 30.0
    timeout_s: float = 50.0
    memory_bytes_max: int = 0  # 0: no limit
    with_traceback: bool = True
    traceback_depth: int = 2
    asked: Asked | None = None  # ask a timetable of the file instead of reporting its DAGs


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """To the zygote: nobody wants the answer of this job any more."""

    id: int


class Ended(msgspec.Struct, frozen=True):
    """From the zygote: the child of this job is gone, with everything it started."""

    id: int
    exit_code: int  # minus the signal number, when a signal ended it
    is_timeout: bool
    duration_s: float
    output_tail: str = ""


class Report(msgspec.Struct, frozen=True):
    """From the child, in its result file: what it found."""

    specs: tuple[DagSpec, ...] = ()
    source: bytes = b""
    error: str | None = None
    warnings: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()  # absolute paths of other files it read
    is_dynamic: bool = False
    answers: Answers | None = None


class Question(msgspec.Struct, frozen=True):
    """From the child, over its socket: a call of `authoring.ports.Ports`."""

    op: str
    args: tuple[Any, ...]


class Answer(msgspec.Struct, frozen=True):
    """To the child: the answer, or why there is none."""

    value: Any = None
    error: str | None = None


Order = Job | Cancel
ORDER_BYTES_MAX = 2**18

encode = msgspec.msgpack.encode
