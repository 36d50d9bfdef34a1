"""An attempt that has not ended, as its runner knows it, and how it is made to end."""

import signal
from dataclasses import dataclass
from datetime import datetime

from flowctl.core.attempt import Order
from flowctl.runner import identity
from flowctl.runner.spool import Spool

KILL_AGAIN_S = 1.0
KILL_SOON_S = 0.05


@dataclass(slots=True, eq=False)
class Attempt:
    """An attempt that has not ended."""

    order: Order
    log_path: str  # relative to the log folder
    pid: int = 0
    process: identity.Identity | None = None  # known once it had to be asked for
    started_at: datetime | None = None
    kill_at: float | None = None  # by the monotonic clock
    kill_reason: str = ""
    is_termed: bool = False

    def must_end(self, at: float, reason: str, *, gently: bool = True) -> None:
        """Have it end at a moment, by the monotonic clock; without TERM if not `gently`."""
        self.kill_at, self.kill_reason = at, reason
        self.is_termed = self.is_termed or not gently

    def has_no_process(self) -> None:
        """Forget its process: it never began, or is to be found anew."""
        self.pid, self.process, self.started_at = 0, None, None

    def kill_if_due(self, now: float, grace_s: float, spool: Spool) -> None:
        """Send TERM, and after a grace KILL, to all that it started."""
        if self.kill_at is None or self.kill_at > now:
            return
        if self.process is None:
            claim = spool.find_claim(self.order.key)
            if claim is None:  # its process is yet to begin
                self.kill_at = now + KILL_SOON_S
                return
            self.process = claim.process
        identity.signal_tree(self.process, signal.SIGKILL if self.is_termed else signal.SIGTERM)
        self.kill_at = now + (KILL_AGAIN_S if self.is_termed else grace_s)
        self.is_termed = True
