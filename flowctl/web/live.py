"""What moves right now, for pages that show it: server-sent events.

One thread of a worker looks at the unfinished runs while somebody watches, and tells all who do. A
stream holds one of the worker's threads, which takes 120 kB and no time while nothing moves (400
streams on 4 workers, 2026-11-21), so there is a cap; whoever comes later is told to ask again and
again instead. A stream ends by itself, so that it is asked for anew who watches.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from flowctl.store.queries import moving
from flowctl.web.auth.caller import Caller
from flowctl.web.site import Site

LOOK_EVERY_S = 0.1  # a look takes 0.4 ms; a person is to see a change within 0.3 s
STREAMS_MAX = 400  # of one worker: the kernel does not spread clients evenly
STREAM_S = 300.0
HEARTBEAT_S = 15.0
KEPT = 1000  # events, for those who are slower than others
ENCODER = msgspec.json.Encoder()


class Event(NamedTuple):
    """A run moved: it has another revision."""

    number: int
    dag_id: str
    said: bytes  # encoded once, whoever hears it


class Hub:
    """Tells what moves to all streams of one worker."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._news = threading.Condition()
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._number = 0
        self._streams = 0
        self._has_looked = False
        self._thread: threading.Thread | None = None
        self._is_ending = False

    def end(self) -> None:
        """Let all streams end, soon: this worker is asked to. Takes no lock: a signal says so."""
        self._is_ending = True

    def enter(self) -> bool:
        """Take a place for a stream; False when there is none."""
        with self._news:
            if self._streams >= STREAMS_MAX:
                return False
            self._streams += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            return True

    def leave(self) -> None:
        """Give the place of a stream back."""
        with self._news:
            self._streams -= 1
            self._news.notify_all()

    def stream(self, caller: Caller, dag_id: str | None) -> Iterator[bytes]:
        """Yield what moves of the DAGs that the caller may see, for a place that was taken.

        First comes `ready`: whatever moves after it is told. A page reads how things stand then.
        """
        until, allowed = time.monotonic() + STREAM_S, caller.dags()
        told = self._begin()
        yield b"retry: 1000\nevent: ready\ndata: {}\n\n"
        while time.monotonic() < until and not self._is_ending:
            found = self._after(told)
            for event in found:
                told = event.number
                is_seen = allowed is None or event.dag_id in allowed
                if is_seen and dag_id in (None, event.dag_id):
                    yield event.said
            if not found:
                yield b": still here\n\n"

    def _begin(self) -> int:
        """Wait for the first look; return the number of the last event."""
        with self._news:
            self._news.wait_for(lambda: self._has_looked, HEARTBEAT_S)
            return self._number

    def _after(self, told: int) -> list[Event]:
        """Return the events after one; wait for some if there are none."""
        with self._news:
            if self._number <= told:
                self._news.wait(HEARTBEAT_S)
            return [event for event in self._events if event.number > told]

    def _watch(self) -> None:
        watch = moving.Watch()
        while True:
            try:
                with self._site.reading() as conn:
                    moved = watch.look(conn)
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
                if not self._streams:
                    self._thread, self._has_looked = None, False
                    return
                self._news.wait_for(lambda: not self._streams, LOOK_EVERY_S)


class Stream:
    """What a hub tells, with the place that was taken for it.

    The server closes every answer, also one of which it reads nothing, as after HEAD: a generator
    that was never begun would keep its place.
    """

    def __init__(self, hub: Hub, caller: Caller, dag_id: str | None) -> None:
        self._hub = hub
        self._events = hub.stream(caller, dag_id)
        self._has_place = True

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        """Give the place back."""
        if self._has_place:
            self._has_place = False
            self._hub.leave()
