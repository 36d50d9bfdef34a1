"""What moves right now, for pages that show it: server-sent events.

One thread of a worker looks at the unfinished runs while somebody watches, and tells all who do. A
stream holds one of the worker's threads, which takes 120 kB and no time while nothing moves (400
streams on 4 workers, 2026-11-21), so there is a cap; whoever comes later is told to ask again and
again instead.

A stream ends once whoever watches may not do so any more, or may see other DAGs than when he came:
his page asks for another one, and is told. A page that was forgotten is asked for so, too, after
a while.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from flowctl import clock
from flowctl.store.queries import moving
from flowctl.web.auth.caller import Caller
from flowctl.web.auth.login import Login
from flowctl.web.site import Site

LOOK_EVERY_S = 0.1  # a look takes 0.4 ms; a person is to see a change within 0.3 s
STREAMS_MAX = 400  # of one worker: the kernel does not spread clients evenly
STREAM_S = 300.0
HEARTBEAT_S = 15.0
DOOR_EVERY_S = 2.0  # so long somebody still watches whose session was revoked; a look takes 2 ms
TROUBLE_S = 1.0  # until the next look after one that went wrong
KEPT = 1000  # events, for those who are slower than others
ENCODER = msgspec.json.Encoder()
LOG = logging.getLogger("flowctl.web")


class Event(NamedTuple):
    """A run moved: it has another revision."""

    number: int
    dag_id: str
    said: bytes  # encoded once, whoever hears it


class Hub:
    """Tells what moves to all streams of one worker."""

    def __init__(self, site: Site, login: Login) -> None:
        self._site = site
        self._login = login
        self._news = threading.Condition()
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._number = 0
        self._watching: list[Caller] = []  # of each stream
        self._shut: set[Caller] = set()  # of them, for whom the door is shut now
        self._has_looked = False
        self._thread: threading.Thread | None = None
        self._is_ending = False

    def end(self) -> None:
        """Let all streams end, soon: this worker is asked to. Takes no lock: a signal says so."""
        self._is_ending = True

    def enter(self, caller: Caller) -> bool:
        """Take a place for a stream; False when there is none."""
        with self._news:
            if len(self._watching) >= STREAMS_MAX:
                return False
            self._watching.append(caller)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            return True

    def leave(self, caller: Caller) -> None:
        """Give the place of a stream back."""
        with self._news:
            self._watching.remove(caller)
            self._news.notify_all()

    def stream(self, caller: Caller, dag_id: str | None) -> Iterator[bytes]:
        """Yield what moves of the DAGs that the caller may see, for a place that was taken.

        First comes `ready`: whatever moves after it is told. A page reads how things stand then.
        """
        until, allowed = time.monotonic() + STREAM_S, caller.dags()
        told = self._begin()
        yield b"retry: 1000\nevent: ready\ndata: {}\n\n"
        while time.monotonic() < until:
            found = self._after(told, caller)
            if self._is_over(caller):
                return
            for event in found:
                told = event.number
                is_seen = allowed is None or event.dag_id in allowed
                if is_seen and dag_id in (None, event.dag_id):
                    yield event.said
            if not found:
                yield b": still here\n\n"

    def _is_over(self, caller: Caller) -> bool:
        return self._is_ending or caller in self._shut

    def _begin(self) -> int:
        """Wait for the first look; return the number of the last event."""
        with self._news:
            self._news.wait_for(lambda: self._has_looked, HEARTBEAT_S)
            return self._number

    def _after(self, told: int, caller: Caller) -> list[Event]:
        """Return the events after one; wait for some if there are none."""
        with self._news:
            if self._number <= told and not self._is_over(caller):
                self._news.wait(HEARTBEAT_S)
            fresh = list(takewhile(lambda event: event.number > told, reversed(self._events)))
        return fresh[::-1]

    def _watch(self) -> None:
        watch, door_at_s = moving.Watch(), time.monotonic() + DOOR_EVERY_S
        while True:
            pause_s = LOOK_EVERY_S
            try:
                self._tell(watch)
                if time.monotonic() >= door_at_s:
                    self._look_who_may()
                    door_at_s = time.monotonic() + DOOR_EVERY_S
            except Exception:  # pages must not stand still for ever for what nobody thought of
                LOG.exception("pages cannot be told what moves; trying again")
                pause_s = TROUBLE_S
            with self._news:
                if not self._watching:
                    self._thread, self._has_looked = None, False
                    return
                self._news.wait_for(lambda: not self._watching, pause_s)

    def _tell(self, watch: moving.Watch) -> None:
        """Tell all streams what moved; after the first look only that they may begin."""
        try:
            with self._site.reading() as conn:
                moved = watch.look(conn, clock.utcnow())
        except SQLAlchemyError:  # the metastore is away; what moved meanwhile is seen later
            moved = []
        with self._news:
            for run in moved if self._has_looked else ():
                self._number += 1
                said = b"event: run\ndata: " + ENCODER.encode(run) + b"\n\n"
                self._events.append(Event(self._number, run.dag_id, said))
            if moved or not self._has_looked or self._is_ending:
                self._has_looked = True
                self._news.notify_all()

    def _look_who_may(self) -> None:
        """End the streams of those who may not watch any more, or not the same."""
        with self._news:
            watching = set(self._watching)
        try:
            shut = self._login.changed(watching, clock.utcnow())
        except SQLAlchemyError:  # nobody is sent away because the metastore is
            return
        with self._news:
            self._shut = shut
            if shut:
                self._news.notify_all()


class Stream:
    """What a hub tells, with the place that was taken for it.

    The server closes every answer, also one of which it reads nothing, as after HEAD: a generator
    that was never begun would keep its place.
    """

    def __init__(self, hub: Hub, caller: Caller, dag_id: str | None) -> None:
        self._hub = hub
        self._caller = caller
        self._events = hub.stream(caller, dag_id)
        self._has_place = True

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        """Give the place back."""
        if self._has_place:
            self._has_place = False
            self._hub.leave(self._caller)
