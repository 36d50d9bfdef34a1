"""Where do the lines of a trigger go? Into the log of its task, as if the task had written them.

Which trigger writes is known from the context that asyncio hands on to whatever it starts: its own
tasks, and threads of `asyncio.to_thread` and `sync_to_async`.
"""

import contextlib
import logging
import os
from contextvars import ContextVar

from flowctl import clock
from flowctl.authoring.log_lines import stamp
from flowctl.authoring.masking import SecretsFilter
from flowctl.runner.tasklog import LineFormatter
from flowctl.triggerer.work import Work

CURRENT: ContextVar[Work | None] = ContextVar("trigger", default=None)


def set_up() -> None:
    """Send the lines of triggers to their tasks' logs, and only there."""
    root = logging.getLogger()
    for handler in root.handlers:
        handler.addFilter(_is_ours)
    root.addHandler(_TaskLogs())


def _is_ours(_record: logging.LogRecord) -> bool:
    work = CURRENT.get()
    return work is None or not work.log_path


class _TaskLogs(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(LineFormatter())
        self.addFilter(SecretsFilter())

    def emit(self, record: logging.LogRecord) -> None:
        work = CURRENT.get()
        if work is not None and work.log_path:
            append(work.log_path, self.format(record))


def say(work: Work, text: str) -> None:
    """Add a line of the triggerer's own to the log of a task."""
    if work.log_path:
        append(work.log_path, f"[{stamp(clock.utcnow().timestamp())}] {{triggerer}} INFO - {text}")


def append(path: str, text: str) -> None:
    """Add a line to a log, which is opened anew: a thousand triggers must not keep a thousand."""
    with contextlib.suppress(OSError):  # the disk is full or gone: waiting is more than a line
        try:
            fd = os.open(path, _FLAGS, 0o640)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
            fd = os.open(path, _FLAGS, 0o640)
        try:
            os.write(fd, f"{text}\n".encode(errors="replace"))
        finally:
            os.close(fd)


_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
