"""Attempts that no zygote will tell of: their zygote died, or they are those of an earlier runner.

Each is held by a pidfd. Whose process is gone has left an exit record, if its parent could write
one, or its process has become a child of this one, which then sees for itself how it ended.
"""

import contextlib
import os
import selectors
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flowctl.runner import identity
from flowctl.runner.spool import Claim, Exit, Key, Spool

EXIT_RECORD_WAITED_S = 1.0  # how long a lingering zygote may take to say how its child ended
LOOK_AGAIN_S = 0.05


@dataclass(slots=True, eq=False)
class _Grip:
    """The hold on one process."""

    claim: Claim
    pidfd: int | None = None
    gone_at: float | None = None  # by the monotonic clock
    seen: Exit | None = None


class Held:
    """See the module."""

    def __init__(self, selector: selectors.BaseSelector, spool: Spool) -> None:
        """Hold nothing yet.

        Args:
            selector: it hears of ends.
            spool: where exit records are.
        """
        self._selector = selector
        self._spool = spool
        self._grips: dict[Key, _Grip] = {}

    def __contains__(self, key: Key) -> bool:
        """Say whether an attempt is, or was held, and is not forgotten."""
        return key in self._grips

    def patience_s(self) -> float | None:
        """Return when to look again, whatever is heard; None: there is no need."""
        is_any_gone = any(grip.gone_at is not None for grip in self._grips.values())
        return LOOK_AGAIN_S if is_any_gone else None

    def hold(self, claim: Claim) -> None:
        """Hold on to the process of an attempt."""
        grip = self._grips[claim.order.key] = _Grip(claim, identity.hold(claim.process))
        if grip.pidfd is None:
            grip.gone_at = time.monotonic()
        else:
            self._selector.register(
                grip.pidfd, selectors.EVENT_READ, lambda _fd, _events: self._gone(grip)
            )

    def _gone(self, grip: _Grip) -> None:
        self._release(grip)
        grip.gone_at = time.monotonic()
        with contextlib.suppress(ChildProcessError):  # it is ours if its zygote died before it
            options = os.WEXITED | os.WNOHANG | os.WNOWAIT
            pid = grip.claim.process.pid
            if os.waitid(os.P_PID, pid, options) is not None:
                identity.kill_session(pid)
                _, status, usage = os.wait4(pid, 0)
                cpu_s = usage.ru_utime + usage.ru_stime - grip.claim.spent_cpu_s
                grip.seen = Exit(status, usage.ru_maxrss * 1024, cpu_s)

    def ended(self) -> list[tuple[Key, Exit | None]]:
        """Return the attempts that are over, each once, with what was seen of their processes."""
        now = time.monotonic()
        found = []
        for key, grip in self._grips.items():
            if grip.gone_at is not None:
                seen = grip.seen or self._spool.exit(key)
                if seen is not None or now - grip.gone_at > EXIT_RECORD_WAITED_S:
                    grip.gone_at = None
                    found.append((key, seen))
        return found

    def reap(self) -> None:
        """Forget the processes that became children of this one, but for those that are held."""
        watched = {
            grip.claim.process.pid for grip in self._grips.values() if grip.pidfd is not None
        }
        with contextlib.suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if found.si_pid in watched:
                    return
                os.waitpid(found.si_pid, 0)

    def let_go(self, key: Key) -> None:
        """Wait no longer for the end of an attempt; nothing happens where it is not held."""
        if key in self._grips:
            self._release(self._grips[key])

    def forget(self, keys: Iterable[Key]) -> None:
        """Forget attempts that are recorded."""
        for key in self._grips.keys() & keys:
            self._release(self._grips.pop(key))

    def _release(self, grip: _Grip) -> None:
        grip.gone_at = None
        if grip.pidfd is not None:
            self._selector.unregister(grip.pidfd)
            os.close(grip.pidfd)
            grip.pidfd = None


def superseded(claims: Sequence[Claim]) -> set[Key]:
    """Return the attempts whose process was given to another afterwards, or in the same tick."""
    by_process: dict[tuple[str, int], list[Claim]] = defaultdict(list)
    for claim in claims:
        by_process[claim.process.boot_id, claim.process.pid].append(claim)
    return {
        claim.order.key
        for shared in by_process.values()
        for claim in shared
        if sum(other.process.alive_at >= claim.process.alive_at for other in shared) > 1
    }
