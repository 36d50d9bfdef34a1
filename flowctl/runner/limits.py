"""How is user code stopped from inside: when its time is over, or when it is told to end?"""

import logging
import os
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from flowctl.authoring.exceptions import AirflowTaskTerminated, AirflowTaskTimeout

_log = logging.getLogger("airflow.task")

_is_listening = False
_told: "told_to_end | None" = None


@contextmanager
def time_limit(seconds: float, what: str = "execution_timeout") -> Iterator[None]:
    """Raise AirflowTaskTimeout in the block once `seconds` have passed; `what` names the limit.

    Signals reach the main thread only. In another one the runner's own limit is the net.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def too_late(_number: int, _frame: FrameType | None) -> None:
        raise AirflowTaskTimeout(f"{what} of {seconds:g} s is over")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def listen() -> None:
    """Answer SIGTERM from now on, here and in what is forked from here.

    Done once in the warm parent of attempts: a handler set in each of them costs more memory pages
    than the rest of their preparation. While no task runs, SIGTERM ends the process as ever.
    """
    global _is_listening
    signal.signal(signal.SIGTERM, _end)
    _is_listening = True


class told_to_end:
    """On SIGTERM call `on_kill` and raise AirflowTaskTerminated in the block.

    A process that the task forked inherits the handler and simply ends. In another thread than the
    main one, which signals never reach, nothing happens.
    """

    def __init__(self, task: Any) -> None:
        self.task = task
        self.owner = os.getpid()
        self.was_told = False
        self._outer: told_to_end | None = None
        self._before: Any = None

    def __enter__(self) -> None:
        global _told
        if _is_listening:
            self._outer, _told = _told, self
        elif threading.current_thread() is threading.main_thread():
            self._outer, _told = _told, self
            self._before = signal.signal(signal.SIGTERM, _end)

    def __exit__(self, *_: object) -> None:
        global _told
        if _told is self:
            _told = self._outer
            if not _is_listening:
                signal.signal(signal.SIGTERM, self._before)


def _end(_number: int, _frame: FrameType | None) -> None:
    watch = _told
    if watch is None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
    elif os.getpid() != watch.owner:
        os._exit(1)
    elif not watch.was_told:  # once is enough: nothing may cut on_kill short
        watch.was_told = True
        _log.error("The task was told to end (SIGTERM)\n%s", "".join(traceback.format_stack()))
        watch.task.on_kill()
        raise AirflowTaskTerminated("told to end (SIGTERM)")
