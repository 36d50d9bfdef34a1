"""Attempts as processes on this machine, run by the runner (`python -m flowctl.runner`).

`LocalExecutor` and `SequentialExecutor` differ in one number. The runner is a process of its own,
started here when none answers, and it stays when this process ends.
"""

import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flowctl.core.attempt import Order
from flowctl.core.states import TaskState
from flowctl.errors import FlowctlError
from flowctl.executors.contract import ExecutorLost, Key, nothing
from flowctl.runner import messages, sockets
from flowctl.runner.channel import Channel, Closed
from flowctl.version import VERSION

LOG = logging.getLogger("flowctl.executors.local")

START_S = 20.0  # a runner that does not answer by then will not
PAUSE_S = 0.01
MEANWHILE_EVERY_S = 0.5
LINE_S = 0.05
LINE_MAX = 24
ENDS_KEPT = 32
"""Orders are given beyond the slots for what ends in 50 ms at the pace of the last 32 ends, so that
a slot is filled without a round trip through the metastore: a third of the cost of a short task.
Where tasks are long the line is empty, and priorities are kept to the letter."""


class LocalExecutor:
    """See the module."""

    def __init__(self, home: Path, slots: int) -> None:
        self._slots = slots
        self.taken: Mapping[int, int] = {}
        self.memory_way = ""
        self._ends: deque[float] = deque(maxlen=ENDS_KEPT)  # moments of the monotonic clock
        self._handed: set[Key] = set()  # ends that may be told again
        self._home = home
        self._channel: Channel[messages.ToExecutor] | None = None

    @property
    def ahead(self) -> int:
        """Return how many orders may stand in line."""
        if self._slots == 1 or len(self._ends) < ENDS_KEPT:
            return 0
        lasted_s = max(time.monotonic() - self._ends[0], 0.001)
        return min(LINE_MAX, int(LINE_S * ENDS_KEPT / lasted_s))

    @property
    def parallelism(self) -> int:
        """Return how many orders it takes: as many as there are slots, and the line."""
        return self._slots + self.ahead

    def connect(self, term: int, meanwhile: Callable[[], object] = nothing) -> set[Key]:
        """Speak to the runner, started if there is none; return the attempts it knows.

        On a machine under load a runner takes longer to start than a lease lasts.

        Raises:
            FlowctlError: it does not start, or a scheduler of a later term has it.
        """
        give_up = time.monotonic() + START_S
        next_call = time.monotonic() + MEANWHILE_EVERY_S
        pause = threading.Event()
        child: subprocess.Popen[bytes] | None = None
        while True:
            try:
                return self._greet(term, meanwhile)
            except OSError as error:
                if time.monotonic() > give_up:
                    raise FlowctlError(
                        f"the runner does not answer; see {self._home / 'logs' / 'runner.log'}"
                    ) from error
            if child is None or child.poll() is not None:
                child = self._start_runner()
            if time.monotonic() >= next_call:
                next_call += MEANWHILE_EVERY_S
                meanwhile()
            pause.wait(PAUSE_S)

    def _greet(self, term: int, meanwhile: Callable[[], object] = nothing) -> set[Key]:
        channel = Channel(sockets.connect(self._home / "run" / "runner.sock"), messages.TO_EXECUTOR)
        channel.sock.settimeout(START_S)  # one that was stopped must not stop us
        try:
            channel.send(messages.Hello(term, VERSION, self._slots))
            _await_word(channel, meanwhile)
            welcome = channel.receive()[0]
            assert isinstance(welcome, messages.Welcome)
            if welcome.version != VERSION:  # flowctl was changed under it: one of ours takes over
                channel.send(messages.Leave(at_once=True))
                while True:
                    channel.receive()
        except (Closed, TimeoutError) as error:
            channel.close()
            raise ConnectionError(str(error)) from error
        except BaseException:
            channel.close()
            raise
        channel.sock.setblocking(False)
        self._channel = channel
        self.taken, self.memory_way = {}, welcome.memory_way
        self._handed.clear()
        LOG.info("memory limits of tasks are enforced by %s", welcome.memory_way)
        return {(ti_id, try_number) for ti_id, try_number in welcome.known}

    def _start_runner(self) -> subprocess.Popen[bytes]:
        log = self._home / "logs" / "runner.log"
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        fd = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        with os.fdopen(fd, "ab") as output:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "flowctl.runner"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, "FLOWCTL_HOME": str(self._home)},
            )

    def start(self, orders: Sequence[Order], written: Sequence[Key] = ()) -> None:
        """Have attempts started, and say which outcomes are written that were handed over."""
        self._handed.difference_update(written)
        self._say(messages.Run(list(orders), list(written)))

    def kill(self, keys: Sequence[Key], reason: str) -> None:
        """Have attempts ended."""
        self._say(messages.Kill(list(keys), reason))

    def give_back(self, keys: Sequence[Key]) -> None:
        """Have the runner write outcomes itself that it handed over."""
        self._say(messages.Left(list(keys)))

    def _say(self, message: messages.Run | messages.Kill | messages.Left | messages.Leave) -> None:
        if self._channel is None:
            raise ExecutorLost("not connected")
        try:
            self._channel.sock.setblocking(True)  # orders are small; the runner reads at once
            self._channel.send(message)
            self._channel.sock.setblocking(False)
        except (Closed, OSError) as error:
            self._lose(error)

    def _lose(self, error: Exception) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        raise ExecutorLost(str(error)) from error

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        if self._channel is None:
            raise ExecutorLost("not connected")
        return self._channel.fileno()

    def facts(self) -> list[messages.Facts]:
        """Return what the runner wrote, and what it hands over."""
        if self._channel is None:
            raise ExecutorLost("not connected")
        try:
            received = self._channel.receive()
        except Closed as error:
            self._lose(error)
            raise
        heard = [message for message in received if isinstance(message, messages.Facts)]
        for message in received:
            if isinstance(message, messages.Load):
                self.taken = message.taken
        self._note_ends(heard)
        return heard

    def _note_ends(self, heard: list[messages.Facts]) -> None:
        """Count each end once, also where the runner writes in the end what it handed over."""
        for facts in heard:
            handed = {entry.key for entry in facts.handed}
            told = {
                (task.ti_id, task.try_number)
                for run in facts.runs
                for task in run.tasks
                if task.state is not TaskState.RUNNING
            }
            self._ends.extend([time.monotonic()] * len(handed | (told - self._handed)))
            self._handed = (self._handed - told) | handed

    def leave(self) -> None:
        """Let the runner end once its attempts have."""
        try:
            self._say(messages.Leave())
        except ExecutorLost:
            return
        if self._channel is not None:
            self._channel.close()
            self._channel = None


def _await_word(channel: Channel[Any], meanwhile: Callable[[], object]) -> None:
    """Wait until the other side says something. Raises TimeoutError after `START_S`."""
    give_up = time.monotonic() + START_S
    while not select.select([channel], [], [], MEANWHILE_EVERY_S)[0]:
        if time.monotonic() > give_up:
            raise TimeoutError("it says nothing")
        meanwhile()
