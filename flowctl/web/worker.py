"""The gunicorn worker: threads, and an end for everybody who holds one for too long.

A thread belongs to a connection until its request is answered. Somebody who sends one byte a second
would keep it, and some hundreds of them would keep everybody else out. So a request has a time to
come in and another one to be worked on, and its answer a longer one to be taken. Whoever is slower
has his socket shut: the thread finds that it ended.

The thread also waits for the client to hang up. gunicorn 27 does that in the one thread that
accepts connections, two seconds for each client that does not.

The first of the workers leaves the signs of life of their master, who must not have threads or
connections: it forks.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]  # no types come with it
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # as above

from flowctl import clock
from flowctl.runner import identity
from flowctl.web.app import HEADERS
from flowctl.web.dispatch import encoded
from flowctl.web.live import Hub
from flowctl.web.problems import error

HEAD_S = 10.0  # for the head of a request
REQUEST_S = 60.0  # for its body, and to begin the answer
ANSWER_S = 600.0  # to take the answer; streams of events end by themselves before that


class Worker(ThreadWorker):  # type: ignore[misc]  # as above
    """See the module; gunicorn's main loop calls `notify` about once a second."""

    wsgi: Any

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._late: dict[int, tuple[Any, float]] = {}  # thread -> its connection, until when

    def load_wsgi(self) -> None:
        """Load the app, and see when it begins its answers."""
        super().load_wsgi()
        app = self.wsgi
        self._hub: Hub = app.extensions["hub"]
        self._pulse = app.extensions["site"].pulse_of(os.getppid())

        def watched(environ: Any, start_response: Any) -> Iterable[bytes]:
            found: Iterable[bytes] = app(environ, start_response)
            self._give(ANSWER_S)
            return found

        self.wsgi = watched

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Stop accepting, finish what is there, and let the streams end."""
        self._hub.end()
        super().handle_exit(sig, frame)

    def handle(self, conn: Any) -> Any:
        """Work on a connection, in a thread of the pool; say whether it is kept."""
        self._late[threading.get_ident()] = (conn, time.monotonic() + HEAD_S)
        try:
            kept = super().handle(conn)
        finally:
            self._late.pop(threading.get_ident(), None)
        if not kept:
            util.close_graceful(conn.sock)
            conn.close = _closed
        return kept

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head was read."""
        self._give(REQUEST_S)
        return super().handle_request(req, conn)

    def notify(self) -> None:
        """Say that this worker lives, and cut off who is late."""
        super().notify()
        if self._pulse.is_due and identity.children(os.getppid())[:1] == [os.getpid()]:
            self.tpool.submit(self._pulse.beat, clock.utcnow())
        now = time.monotonic()
        for conn, until in list(self._late.values()):
            if until <= now:
                with contextlib.suppress(OSError):  # it ended meanwhile
                    socket.socket.shutdown(conn.sock, socket.SHUT_RDWR)

    def _give(self, seconds: float) -> None:
        """Give the connection of this thread so much time from now on."""
        conn, _ = self._late[threading.get_ident()]
        self._late[threading.get_ident()] = (conn, time.monotonic() + seconds)


def _refuse(sock: socket.socket, status: int, reason: str, detail: str) -> None:
    """Answer what gunicorn does not take for a request as everything else is answered."""
    body = encoded(error(status, detail))
    head = {
        **HEADERS,
        "Connection": "close",
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
    }
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in head.items())]
    util.write_nonblock(sock, "\r\n".join([*lines, "", ""]).encode() + body)


util.write_error = _refuse


def _closed(graceful: bool = False) -> None:
    """Stand for `close` of a connection that is closed."""
