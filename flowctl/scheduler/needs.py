"""Who is told that triggers are to be run? Triggerers that run, and `standalone`, to start one.

Standalone is told by a byte through a pipe that it hands to the scheduler. Without standalone there
is none: whoever starts the daemons then starts the triggerer, too.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # spares standalone, which only knows the name below, 14 MB
    from flowctl.store.wake import Waker

FD = "FLOWCTL_NEEDS_FD"


class Needs:
    """What the scheduler tells."""

    def __init__(self, waker: Waker) -> None:
        self._waker = waker
        given = os.environ.pop(FD, None)
        self._fd = int(given) if given else None
        if self._fd is not None:
            os.set_inheritable(self._fd, False)  # the runner outlives the scheduler
        self._is_told = False

    def tell(self, triggers: int) -> None:
        """Have a triggerer started if there are triggers, and were none before."""
        if triggers and not self._is_told and self._fd is not None:
            with contextlib.suppress(OSError):  # full: it was told often enough
                os.write(self._fd, b"t")
        self._is_told = triggers > 0

    def wake(self) -> None:
        """Have triggerers look now: there are new triggers."""
        self._waker.wake()
