"""The children of a zygote: what it knows of them, and what they say to each other.

A child runs an attempt, or it waits for one. Some have a *line* to their zygote:

- a *spare* is forked in advance, when nothing runs, and waits for its first order: what follows in
  a chain of tasks then begins without waiting for a fork and its first, slow steps;
- an attempt that leaves no trace in its process (`runner.traces`) can be followed by another there.
  To fork a process, to be the first that writes its memory, and to end it take more time than all
  the rest of a short command: 8 against 3.6 ms of CPU for a `true` (measured on 2026-11-22).

An attempt with a line says that it is over before its process ends, which takes a millisecond
longer. A child that waits goes when its line breaks: its zygote is gone, or lets it go.
"""

import contextlib
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from flowctl import clock
from flowctl.authoring import masking
from flowctl.operators.child import has_left_any
from flowctl.runner import identity, messages, verdicts
from flowctl.runner.channel import Channel, Closed
from flowctl.runner.spool import Exit, Key, Spool

IDLE_S = 5.0  # how long a child is kept for an order that may not come
GROWTH_KB_MAX = 8 << 10
"""A process that has grown by more takes no other order: its next attempt would be said to have
taken that memory."""


class Line:
    """The end of the child."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(IDLE_S + 1)
        self._channel = Channel(sock, messages.TO_ZYGOTE)
        self._born_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._hidden = masking.hidden()
        self.told_cpu_s = 0.0  # for the attempts that were here until now

    def hears_within(self, seconds: float) -> bool:
        """Wait for an order at most so long; say whether there is one, or the line broke."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def next_order(self) -> messages.Start:
        """Wait for an order; end this process when none will come.

        It is the zygote that lets it go. One that stands still does not keep it here for ever: who
        restarts the runner is to see soon that the attempt before is over.
        """
        try:
            (start,) = self._channel.receive()
        except Closed:
            os._exit(verdicts.EXIT_DONE)
        return start

    def tell_over(self, *, may_stay: bool) -> bool:
        """Say that the attempt is over and its outcome safe; return whether another can follow.

        What it used is told for it alone: a process that has taken much memory, or has run a
        command that took more than itself, has no second attempt. Nor has one that was told a
        secret, which would blank that word in the next log, or one whose command left others
        running, which would be taken for the next one's.

        Args:
            may_stay: the attempt left no trace otherwise.
        """
        own = resource.getrusage(resource.RUSAGE_SELF)
        others = resource.getrusage(resource.RUSAGE_CHILDREN)
        is_light = others.ru_maxrss <= own.ru_maxrss <= self._born_kb + GROWTH_KB_MAX
        cpu_s = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
        over = messages.Over(
            max(own.ru_maxrss, others.ru_maxrss) * 1024,
            cpu_s - self.told_cpu_s,
            stays=(
                may_stay and is_light and masking.hidden() == self._hidden and not has_left_any()
            ),
        )
        self.told_cpu_s = cpu_s
        try:
            self._channel.send(over)
        except Closed:  # it sees how this process ends, then
            return False
        return over.stays


@dataclass(slots=True, eq=False)
class Child:
    """A child as its zygote sees it."""

    pid: int
    pidfd: int
    line: "Channel[messages.Over] | None"
    key: Key | None = None  # of its attempt; None: it waits, or has said that it is over
    given: messages.Start | None = None  # its order, if it has waited for it
    waits_since: float | None = None  # by the monotonic clock
    told_cpu_s: float = 0.0  # for attempts that are over


class Brood:
    """All children of one zygote."""

    def __init__(self, poll: select.poll, spool: Spool, tell: Callable[[Any], None]) -> None:
        """Begin with none.

        Args:
            poll: learns what to listen to.
            spool: for what the runner must know once it is gone.
            tell: tells it, while it is there.
        """
        self._poll = poll
        self._spool = spool
        self._tell = tell
        self._children: dict[int, Child] = {}  # by pid
        self._by_fd: dict[int, Child] = {}  # by pidfd, and by line
        self._lines: set[int] = set()  # descriptors
        self._waiting: dict[int, Child] = {}  # by pid; they had an attempt before
        self._spare: Child | None = None
        self._is_orphaned = False
        self._not_begun: list[messages.Start] = []

    def __bool__(self) -> bool:
        return bool(self._children)

    @property
    def is_busy(self) -> bool:
        """Say whether a child does anything but wait."""
        return len(self._children) > len(self._waiting) + (self._spare is not None)

    @property
    def waits(self) -> bool:
        """Say whether a child waits for an order."""
        return bool(self._waiting) or self._spare is not None

    # ------------------------------------------------------------------ making and using them

    def fork(
        self, live: Callable[[Line | None], NoReturn], *, has_line: bool
    ) -> tuple[int, socket.socket | None]:
        """Make a child that does nothing but `live`; `add` it afterwards.

        Returns:
            Its pid and the zygote's end of its line; the pid is 0 when there is no memory, or
            there are too many. Without descriptors it has no line.
        """
        ours, theirs = None, None
        if has_line:
            with contextlib.suppress(OSError):
                ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError as error:
            sys.stderr.write(f"fork: {error}\n")
            pid = 0
        else:
            if pid == 0:
                for fd in self._lines:  # else they would not break with the zygote
                    os.close(fd)
                live(_taken(ours, theirs))
            if ours is not None:
                self._lines.add(ours.fileno())
        if theirs is not None:
            theirs.close()
        return pid, ours

    def add(self, pid: int, ours: socket.socket | None, start: messages.Start | None) -> None:
        """Keep a child that was forked, for an order or as the spare."""
        line = None
        if ours is not None:
            ours.setblocking(False)
            line = Channel(ours, messages.OVER)
        child = Child(pid, os.pidfd_open(pid), line)
        self._children[pid] = child
        self._listen(child, child.pidfd)
        if line is not None:
            self._listen(child, line.fileno())
        if start is None:
            child.waits_since = time.monotonic()
            self._spare = child
        else:
            self._began(child, start)

    def give(self, start: messages.Start) -> bool:
        """Give an order to a child that waits; return whether there is one.

        One that had an attempt before is only taken by its name. Else the runner may not know yet
        that this attempt is over, and would signal it.
        """
        child = self._waiting.pop(start.waiting_pid, None)
        if child is None:
            child, self._spare = self._spare, None
        if child is None or child.line is None:
            return False
        try:
            child.line.send(start)
        except Closed:
            return False
        child.waits_since, child.given = None, start
        self._began(child, start)
        return True

    def take_back(self) -> list[messages.Start]:
        """Return the orders of children that had waited, and died before they began."""
        found, self._not_begun = self._not_begun, []
        return found

    def _began(self, child: Child, start: messages.Start) -> None:
        child.key = start.order.key
        self._tell(messages.Forked(child.key, child.pid, clock.utcnow()))

    # ------------------------------------------------------------------ letting them go

    def patience_s(self) -> float | None:
        """Return how long a child may go on to wait; None when none does."""
        since = [child.waits_since for child in self._idle() if child.waits_since is not None]
        return max(0.0, min(since) + IDLE_S - time.monotonic()) if since else None

    def dismiss(self) -> None:
        """Let those go that have waited for long."""
        now = time.monotonic()
        for child in self._idle():
            if now - (child.waits_since or now) >= IDLE_S:
                self._let_go(child)

    def orphan(self) -> None:
        """Go on without the runner: nobody gets an order, and exits are left on disk."""
        self._is_orphaned = True
        for child in list(self._children.values()):
            self._let_go(child)

    def _idle(self) -> list[Child]:
        return [*self._waiting.values(), *([self._spare] if self._spare else [])]

    def _let_go(self, child: Child) -> None:
        """Break the line of a child. One that waits ends; an attempt ends when it is over."""
        self._waiting.pop(child.pid, None)
        if child is self._spare:
            self._spare = None
        if child.line is not None:
            fd = child.line.fileno()
            self._poll.unregister(fd)
            self._lines.discard(fd)
            del self._by_fd[fd]
            child.line.close()
            child.line = None

    # ------------------------------------------------------------------ listening

    def _listen(self, child: Child, fd: int) -> None:
        self._by_fd[fd] = child
        self._poll.register(fd, select.POLLIN)

    def hear(self, fd: int) -> None:
        """Take what a descriptor says; one that is not of a child says nothing."""
        child = self._by_fd.get(fd)
        if child is None:
            return
        if fd == child.pidfd:
            self._bury(child)
            return
        try:
            self._hear_of_its_end(child)
        except Closed:  # its process says the rest by its end
            self._let_go(child)

    def _hear_of_its_end(self, child: Child) -> None:
        """Take what an attempt says of its end, if it says something.

        Raises:
            Closed: it will never say anything more.
        """
        for over in child.line.receive() if child.line is not None else ():
            key, child.key = child.key, None
            child.told_cpu_s += over.cpu_s
            if over.stays:
                child.waits_since = time.monotonic()
                self._waiting[child.pid] = child
            if key is not None:
                waiting_pid = child.pid if over.stays else 0
                self._tell(messages.Reaped(key, 0, over.peak_rss_bytes, over.cpu_s, waiting_pid))

    def _bury(self, child: Child) -> None:
        """Take what the attempt started down with it, while its pid is still its own.

        Operators give commands a group of their own, to signal them. An attempt that could not end
        them itself leaves them in its session, where they are found.
        """
        pid = child.pid
        with contextlib.suppress(Closed):  # what it said last may not have been heard yet
            self._hear_of_its_end(child)
        self._let_go(child)
        self._poll.unregister(child.pidfd)
        del self._by_fd[child.pidfd], self._children[pid]
        os.close(child.pidfd)
        seen = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        _kill_group(pid)
        if seen is None or seen.si_code != os.CLD_EXITED or seen.si_status != 0:
            identity.kill_session(pid)
        _, status, usage = os.wait4(pid, 0)
        if child.key is None:
            return
        if child.given is not None and not self._spool.is_claimed(child.key):
            self._not_begun.append(child.given)
            return
        cpu_s = usage.ru_utime + usage.ru_stime - child.told_cpu_s
        peak_bytes = usage.ru_maxrss * 1024
        self._tell(messages.Reaped(child.key, status, peak_bytes, cpu_s))
        if self._is_orphaned:
            with contextlib.suppress(OSError):  # no room: the runner takes it for unseen
                self._spool.write_exit(child.key, Exit(status, peak_bytes, cpu_s))


def _taken(ours: socket.socket | None, theirs: socket.socket | None) -> Line | None:
    if ours is None or theirs is None:
        return None
    ours.close()
    return Line(theirs)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
