"""Who speaks to the runner? Schedulers, of which the newest leads, and attempts, which ask.

Orders of a scheduler that was deposed are not obeyed. Questions wait in line here until the runner
has the metastore to answer them.
"""

import contextlib
import logging
import selectors
import socket
import time
from collections.abc import Callable
from typing import Any

from flowctl.runner import messages
from flowctl.runner.channel import Channel, Closed

LOG = logging.getLogger("flowctl.runner")

Line = Channel[messages.ToRunner]


class Lines:
    """The connections of a runner."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        welcome: Callable[[messages.Hello], messages.Welcome],
        obey: Callable[[messages.ToRunner], None],
    ) -> None:
        """Take what hears of sockets.

        Args:
            selector: it calls what is registered with it.
            welcome: answers a scheduler that leads from now on.
            obey: does what the leader says.
        """
        self._selector = selector
        self._welcome = welcome
        self._obey = obey
        self._leader: Line | None = None
        self._term = -1
        self._lonely_since = time.monotonic()
        self.questions: list[tuple[Line, messages.Ask]] = []

    @property
    def has_leader(self) -> bool:
        """Say whether a scheduler listens."""
        return self._leader is not None

    @property
    def lonely_s(self) -> float:
        """Return for how long no scheduler has been there."""
        return 0.0 if self.has_leader else time.monotonic() - self._lonely_since

    def accept(self, listener: socket.socket, _events: int) -> None:
        """Take new connections."""
        with contextlib.suppress(BlockingIOError):
            while True:
                sock, _ = listener.accept()
                sock.setblocking(False)
                line = Channel(sock, messages.TO_RUNNER)
                self._selector.register(line, selectors.EVENT_READ, self._hear)

    def tell_leader(self, message: Any) -> None:
        """Send something to the scheduler that leads, if there is one."""
        if self._leader is not None:
            self.tell(self._leader, message)

    def tell(self, line: Line, message: Any) -> None:
        """Send something; what is gone does not hear it."""
        try:
            line.send(message)
            self._flush(line)
        except Closed:
            self._lose(line)

    def _hear(self, line: Line, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self._flush(line)
            if events & selectors.EVENT_READ:
                for message in line.receive():
                    self._take(line, message)
        except Closed:
            self._lose(line)

    def _take(self, line: Line, message: messages.ToRunner) -> None:
        if isinstance(message, messages.Ask):
            self.questions.append((line, message))
        elif isinstance(message, messages.Hello):
            self._greet(line, message)
        elif line is not self._leader:
            LOG.warning("an order of a deposed scheduler was not obeyed")
        else:
            self._obey(message)

    def _greet(self, line: Line, hello: messages.Hello) -> None:
        if hello.term < self._term:
            raise Closed("a newer scheduler leads")
        if self._leader is not None and self._leader is not line:
            self._lose(self._leader)
        self._leader, self._term = line, hello.term
        self.tell(line, self._welcome(hello))

    def _flush(self, line: Line) -> None:
        line.flush()
        events = selectors.EVENT_READ
        if line.has_more_to_send:
            events |= selectors.EVENT_WRITE
        if self._selector.get_key(line).events != events:
            self._selector.modify(line, events, self._hear)

    def _lose(self, line: Line) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(line)
        line.close()
        self.questions = [entry for entry in self.questions if entry[0] is not line]
        if line is self._leader:
            self._leader = None
            self._lonely_since = time.monotonic()
