"""Who starts parser children, and what became of them?

`Pool` owns the zygote, from the side of the process that must never run user code. It counts room,
starts a new zygote when the old one is gone, and answers the questions of the children. Never
waits: its `fileno` is readable when `harvest` has something to do.
"""

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from flowctl.authoring.ports import NoPorts, Ports
from flowctl.parsing import questions
from flowctl.parsing.messages import Cancel, Ended, Job, Report, encode

SLOW_AFTER_S = 0.5  # a child this old no longer keeps the others waiting
SLOW_MAX = 16  # but not more than this many may be slow at once
REST_AFTER_S = 20.0  # an idle zygote costs 18 MB; starting one takes a quarter of a second
ZYGOTE_DIED = "the parser process itself died while it worked on this file, twice"
REPORT_BYTES_MAX = 256 * 2**20

_ENDED = msgspec.msgpack.Decoder(Ended)
_REPORT = msgspec.msgpack.Decoder(Report)


@dataclass
class _Sent:
    """A job that a child works on."""

    job: Job
    result: int
    channel: socket.socket
    started_s: float
    is_suspect: bool = False  # it runs alone, to see whether it is the one that kills zygotes


@dataclass(frozen=True)
class Parsed:
    """The end of one job: what the child found, or None, and how it ended."""

    job: Job
    ended: Ended
    report: Report | None


class Pool:
    """Runs jobs, at most `processes` at a time beside those that turned out slow."""

    def __init__(
        self, processes: int, ports: Ports | None = None, *, rest_after_s: float = REST_AFTER_S
    ) -> None:
        self._processes = processes
        self._rest_after_s = rest_after_s
        self._ports: Ports = ports or NoPorts()
        self._sent: dict[int, _Sent] = {}
        self._selector = selectors.EpollSelector()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._used_s = 0.0
        self._ended: list[Parsed] = []
        self._suspects: list[Job] = []  # worked on when a zygote died

    def fileno(self) -> int:
        """Return a descriptor that is readable when `harvest` has something to do."""
        return self._selector.fileno()

    def free(self) -> int:
        """Say how many jobs may be started now; below 1 means none."""
        if self._suspects or any(sent.is_suspect for sent in self._sent.values()):
            return 0
        now_s = time.monotonic()
        slow = sum(now_s - sent.started_s > SLOW_AFTER_S for sent in self._sent.values())
        return self._processes + min(slow, SLOW_MAX) - len(self._sent)

    def next_free_s(self) -> float | None:
        """Return the seconds until `free` grows by itself; None when only an end can do that."""
        now_s = time.monotonic()
        left = [sent.started_s + SLOW_AFTER_S - now_s for sent in self._sent.values()]
        young = [seconds for seconds in left if seconds > 0]
        return min(young) + 0.001 if young else None

    def submit(self, job: Job) -> None:
        """Start a child for `job`."""
        self._send(_Sent(job, -1, socket.socket(), time.monotonic()))

    def cancel(self, job_id: int) -> None:
        """Kill the child of a job; its end is harvested as that of any other."""
        if self._control is not None and job_id in self._sent:
            self._control.send(encode(Cancel(job_id)))

    def harvest(self) -> list[Parsed]:
        """Return the jobs that ended since the last call, and answer what children asked."""
        for key, _ in self._selector.select(0):
            react: Callable[[], None] = key.data
            react()
        if self._suspects and not self._sent:
            suspect = self._suspects.pop()
            self._send(_Sent(suspect, -1, socket.socket(), time.monotonic(), is_suspect=True))
        ended, self._ended = self._ended, []
        return ended

    def rest_at_s(self) -> float | None:
        """Return when, by the monotonic clock, the zygote may go; None when there is none."""
        if self._control is None or self._sent or self._suspects:
            return None
        return self._used_s + self._rest_after_s

    def rest(self) -> None:
        """Let the zygote go that nobody needs now; the next job starts another one."""
        at_s = self.rest_at_s()
        if at_s is not None and at_s <= time.monotonic():
            self._bury_zygote()

    def close(self) -> None:
        """End the zygote, and with it every child."""
        if self._control is not None:
            self._control.close()
        if self._zygote is not None:
            self._zygote.wait()
        for sent in self._sent.values():
            _forget(sent)
        self._sent.clear()
        self._selector.close()

    def _send(self, sent: _Sent) -> None:
        control = self._control or self._start_zygote()
        self._used_s = time.monotonic()
        sent.result = os.memfd_create("flowctl-parse", os.MFD_CLOEXEC)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        sent.channel = ours
        with theirs:
            socket.send_fds(control, [encode(sent.job)], [sent.result, theirs.fileno()])
        self._sent[sent.job.id] = sent
        self._selector.register(ours, selectors.EVENT_READ, lambda: self._answer(sent))

    def _start_zygote(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._zygote = subprocess.Popen(
                [sys.executable, "-P", "-m", "flowctl.parsing.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control = ours
        self._selector.register(ours, selectors.EVENT_READ, self._listen)
        return ours

    def _listen(self) -> None:
        assert self._control is not None
        try:
            data = self._control.recv(2**16, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return
        except ConnectionResetError:
            data = b""
        if not data:
            self._bury_zygote()
            return
        ended = _ENDED.decode(data)
        sent = self._sent.pop(ended.id)
        report = _read(sent.result)
        self._release(sent)
        self._ended.append(Parsed(sent.job, ended, report))

    def _bury_zygote(self) -> None:
        """Have what the dead one was working on done again, one by one: this tells who did it."""
        assert self._control is not None
        assert self._zygote is not None
        self._selector.unregister(self._control)
        self._control.close()
        self._control = None
        self._zygote.kill()
        self._zygote.wait()
        orphans, self._sent = list(self._sent.values()), {}
        for sent in orphans:
            self._release(sent)
            if sent.is_suspect:
                ended = Ended(sent.job.id, -signal.SIGKILL, False, 0.0, ZYGOTE_DIED)
                self._ended.append(Parsed(sent.job, ended, None))
            else:
                self._suspects.append(sent.job)

    def _answer(self, sent: _Sent) -> None:
        try:
            asked = sent.channel.recv(2**16)
            if not asked:
                self._selector.unregister(sent.channel)
                return
            sent.channel.send(questions.answer(asked, self._ports))
        except OSError:  # the child is gone, or does not listen
            return

    def _release(self, sent: _Sent) -> None:
        if sent.channel.fileno() in self._selector.get_map():
            self._selector.unregister(sent.channel)
        _forget(sent)


def _forget(sent: _Sent) -> None:
    sent.channel.close()
    os.close(sent.result)


def _read(fd: int) -> Report | None:
    """Return the report in this file; None when the child did not live to write a whole one."""
    size_bytes = os.fstat(fd).st_size
    if not 0 < size_bytes <= REPORT_BYTES_MAX:
        return None
    try:
        return _REPORT.decode(os.pread(fd, size_bytes, 0))
    except msgspec.MsgspecError:
        return None
