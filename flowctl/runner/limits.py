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


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise AirflowTaskTimeout in the block once `seconds` have passed; None is no limit.

    Signals reach the main thread only. In another one the runner's own limit is the net.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def too_late(_number: int, _frame: FrameType | None) -> None:
        raise AirflowTaskTimeout(f"execution_timeout of {seconds:g} s is over")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def told_to_end(task: Any) -> Iterator[None]:
    """On SIGTERM call `on_kill` and raise AirflowTaskTerminated in the block.

    A process that the task forked inherits the handler and simply ends.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    owner = os.getpid()

    def end(_number: int, _frame: FrameType | None) -> None:
        if os.getpid() != owner:
            os._exit(1)
        signal.signal(
            signal.SIGTERM, signal.SIG_IGN
        )  # once is enough: nothing may cut on_kill short
        _log.error("The task was told to end (SIGTERM)\n%s", "".join(traceback.format_stack()))
        task.on_kill()
        raise AirflowTaskTerminated("told to end (SIGTERM)")

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
