"""The process that parser children are forked from: warm, single-threaded, without a database.

`python -m flowctl.parsing.zygote FD`: orders come, and news go, over the socket FD. It watches over
its children: it kills the whole process group of one that takes too long, collects what they print,
and sweeps up what they started and left behind. When the other end of FD closes it ends everything
and leaves. It never runs user code itself.
"""

import gc
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import msgspec

from flowctl import clock, compat
from flowctl.authoring import entry_points
from flowctl.compat import defaults
from flowctl.parsing import child, kernel, output
from flowctl.parsing.messages import ORDER_BYTES_MAX, Cancel, Ended, Job, Order, encode

SLOW_AFTER_S = 1.0  # then a child has to be nicer to the others
NICENESS = 10
STRAYS_MAX = 10_000  # rounds of killing what a fork bomb leaves; then we go on

EARLY = (
    "dateutil.relativedelta",
    "flowctl.authoring.context",
    "flowctl.authoring.timetables.cron",
    "flowctl.authoring.timetables.delta",
    "flowctl.authoring.timetables.kinds",
    "flowctl.authoring.timetables.simple",
    "flowctl.authoring.timezone",
    "flowctl.core.timetables.ticks",
    "flowctl.operators.bash",
    "flowctl.operators.branch",
    "flowctl.operators.empty",
    "flowctl.operators.python",
    "hashlib",
    "heapq",
)
"""What is loaded late elsewhere; here nearly every child would, and it takes each 50 ms."""

_ORDERS = msgspec.msgpack.Decoder(Order)


class _Running:
    """One child, from its fork to its end."""

    def __init__(self, job: Job, pid: int, printed: int) -> None:
        self.job = job
        self.pid = pid
        self.pidfd = os.pidfd_open(pid)
        self.printed = printed
        self.output = output.Output()
        self.started_s = time.monotonic()
        self.deadline_s = self.started_s + job.timeout_s
        self.is_timeout = False
        self.is_slow = False
        self.is_over = False  # an event of the same batch may still name it

    def kill(self) -> None:
        """Kill it and its process group. It is our child and not reaped: its id is not reused."""
        for kill in (os.kill, os.killpg):
            with suppress(ProcessLookupError):
                kill(self.pid, signal.SIGKILL)

    def drain(self, chunks_max: int) -> bool:
        """Take what it printed; return False once there can be no more."""
        for _ in range(chunks_max):
            try:
                data = os.read(self.printed, 2**16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.output.add(data)
        return True


class Zygote:
    """Starts a child for each job and tells how it ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: dict[int, _Running] = {}
        self._selector = selectors.EpollSelector()
        self._selector.register(control, selectors.EVENT_READ, self._obey)
        self._is_leaving = False

    def serve(self) -> None:
        """Work until the other end closes."""
        while not self._is_leaving:
            for key, _ in self._selector.select(self._patience_s()):
                react: Callable[[], None] = key.data
                react()
            self._look_at_the_clock(time.monotonic())
        for running in list(self._running.values()):
            running.kill()
            os.waitpid(running.pid, 0)
        self._kill_strays()

    def _patience_s(self) -> float | None:
        moments = [
            running.deadline_s if running.is_slow else running.started_s + SLOW_AFTER_S
            for running in self._running.values()
            if not running.is_timeout
        ]
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _look_at_the_clock(self, now_s: float) -> None:
        for running in self._running.values():
            if now_s >= running.deadline_s and not running.is_timeout:
                running.is_timeout = True
                running.kill()
            if now_s >= running.started_s + SLOW_AFTER_S and not running.is_slow:
                running.is_slow = True
                with suppress(OSError):
                    os.setpriority(os.PRIO_PGRP, running.pid, NICENESS)

    def _obey(self) -> None:
        try:
            data, fds, _flags, _address = socket.recv_fds(self._control, ORDER_BYTES_MAX, 2)
        except ConnectionResetError:
            data, fds = b"", []
        if not data:
            self._is_leaving = True
            return
        order = _ORDERS.decode(data)
        if isinstance(order, Cancel):
            if order.id in self._running:
                self._running[order.id].kill()
            return
        self._start(order, *fds)
        for fd in fds:
            os.close(fd)

    def _start(self, job: Job, result: int, questions: int) -> None:
        printed, prints = os.pipe2(os.O_CLOEXEC)
        own_pid = os.getpid()
        pid = os.fork()
        if pid == 0:
            child.main(job, own_pid, result, questions, prints)
        os.close(prints)
        os.set_blocking(printed, False)
        running = self._running[job.id] = _Running(job, pid, printed)
        self._selector.register(running.pidfd, selectors.EVENT_READ, lambda: self._end(running))
        self._selector.register(printed, selectors.EVENT_READ, lambda: self._listen(running))

    def _listen(self, running: _Running) -> None:
        if not running.is_over and not running.drain(chunks_max=1):
            self._selector.unregister(running.printed)

    def _end(self, running: _Running) -> None:
        running.is_over = True
        running.kill()  # what is left of its group; the dead leader still holds the number
        _, status = os.waitpid(running.pid, 0)
        self._kill_strays(except_for={other.pid for other in self._running.values()})
        running.drain(chunks_max=16)  # a pipe holds no more
        with suppress(KeyError):
            self._selector.unregister(running.printed)
        self._selector.unregister(running.pidfd)
        os.close(running.printed)
        os.close(running.pidfd)
        del self._running[running.job.id]
        ended = Ended(
            running.job.id,
            os.waitstatus_to_exitcode(status),
            running.is_timeout,
            time.monotonic() - running.started_s,
            running.output.last_lines(),
        )
        self._log(running, ended)
        with suppress(BrokenPipeError, ConnectionResetError):
            self._control.send(encode(ended))

    def _log(self, running: _Running, ended: Ended) -> None:
        now = clock.utcnow().isoformat(timespec="milliseconds")
        line = f"[{now}] parsed in {ended.duration_s:.3f} s, exit {ended.exit_code}\n"
        with suppress(OSError):  # a full disk must not stop the parsing
            output.append(Path(running.job.log), line + running.output.text())

    def _kill_strays(self, except_for: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        """Kill what left its process group: it lost its parents and is our child now."""
        for _ in range(STRAYS_MAX):
            strays = [pid for pid in kernel.children() if pid not in except_for]
            if not strays:
                return
            for pid in strays:
                os.kill(pid, signal.SIGKILL)
            for pid in strays:
                os.waitpid(pid, 0)


def main() -> None:
    """Serve the socket named on the command line."""
    compat.install()
    defaults.apply_own()
    kernel.become_subreaper()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us
    for name in EARLY:
        import_module(name)
    for group in (entry_points.PLUGINS, entry_points.POLICIES):
        entry_points.offered(group)  # what is installed; each child would look for itself
    gc.collect()
    gc.freeze()
    Zygote(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
