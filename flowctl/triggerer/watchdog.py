"""Which trigger keeps all others from running? A thread looks whether the loop still turns.

All triggers share one thread. One that computes, or waits without `await`, stops every other one,
and nothing in the loop can say so; so this is a thread, and it writes what it sees at once.
"""

import asyncio
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import FrameType

from flowctl.triggerer.work import Work

LOG = logging.getLogger("flowctl.triggerer")

LOOKS_EVERY_S = 0.25
PATIENCE_S = 0.5  # what a loop may need for itself on a busy machine
STANDARD_LIBRARY = os.path.dirname(os.__file__)

Owner = Callable[["asyncio.Task[object]"], Work | None]


class Watchdog:
    """See the module."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        owner: Owner,
        is_needed: Callable[[], bool],
        tell: Callable[[Work, str], object],
    ) -> None:
        """Watch the loop of the calling thread.

        Args:
            owner: whose task of the loop it is.
            is_needed: False: nothing runs that could block.
            tell: told which trigger blocks, and in words how; called in the watchdog's thread.
        """
        self._loop = loop
        self._thread_id = threading.get_ident()
        self._owner = owner
        self._is_needed = is_needed
        self._tell = tell
        self._stopping = threading.Event()
        self._turned = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End watching."""
        self._stopping.set()
        self._turned.set()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOKS_EVERY_S):
            if not self._is_needed():
                continue
            self._turned.clear()
            asked_at = time.monotonic()
            try:
                self._loop.call_soon_threadsafe(self._turned.set)
            except RuntimeError:  # the loop is closed
                return
            if not self._turned.wait(PATIENCE_S):
                self._say_who(asked_at)

    def _say_who(self, asked_at: float) -> None:
        """Name what blocks while it does, and again once it is known for how long."""
        task = asyncio.current_task(self._loop)
        work = None if task is None else self._owner(task)
        where = _line(sys._current_frames().get(self._thread_id))
        what = work.name if work else "something that belongs to no trigger"
        LOG.warning("the loop is blocked, no trigger goes on: by %s, in %s", what, where)
        if work:
            self._tell(work, f"it blocks the triggerer, and with it all triggers, in {where}")
        self._turned.wait()
        took_s = time.monotonic() - asked_at
        LOG.warning("the loop was blocked for %.1f s by %s, in %s", took_s, what, where)
        if work and not self._stopping.is_set():
            self._tell(work, f"it blocked the triggerer for {took_s:.1f} s, in {where}")


def _line(frame: FrameType | None) -> str:
    """Return where a thread is, outside of Python's own library: in what somebody wrote."""
    stack = traceback.extract_stack(frame) if frame else []
    for entry in reversed(stack):
        is_own = entry.filename.startswith(STANDARD_LIBRARY)
        if not is_own or "site-packages" in entry.filename:
            return f"{entry.filename}:{entry.lineno} ({entry.name}: {entry.line})"
    return "a place that cannot be seen"
