"""The secrets that attempts leave in their logs when they cannot blank them themselves.

A log may be long, and others end meanwhile: a block is blanked at a time.
"""

import contextlib
from collections import deque
from collections.abc import Iterator

from flowctl.runner import tasklog


class UnblankedLogs:
    """Logs in which secrets are yet to be blanked."""

    def __init__(self) -> None:
        self._logs: deque[Iterator[None]] = deque()

    def __bool__(self) -> bool:
        return bool(self._logs)

    def add(self, log: str) -> None:
        """Have the secrets in a log blanked that this process knows; its attempt has ended."""
        with contextlib.suppress(OSError):
            tasklog.hide_half_a_secret(log)
        self._logs.append(tasklog.hiding(log))

    def go_on(self) -> None:
        """Blank them in one more block."""
        if self._logs:
            try:
                next(self._logs[0])
            except (StopIteration, OSError):
                self._logs.popleft()
