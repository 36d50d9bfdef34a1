"""What all requests share: the configuration and the metastore."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property

from sqlalchemy import Connection

from flowctl.config import Config
from flowctl.runner import identity
from flowctl.store import engine as engines
from flowctl.store import metastore
from flowctl.store.crypto import Cipher
from flowctl.store.presence import Presence, Pulse
from flowctl.store.wake import Waker


class Site:
    """One per process; nothing is opened before the first request."""

    def __init__(self, conf: Config) -> None:
        self.conf = conf
        self.engine = metastore.open_engine(conf, name="flowctl webserver")
        self.page_max = conf.whole("api", "maximum_page_limit")
        self.page_default = conf.whole("api", "fallback_page_limit")
        self.session_lasts = timedelta(minutes=conf.whole("webserver", "session_lifetime_minutes"))

    @cached_property
    def cipher(self) -> Cipher:
        """Return the keys to the stored secrets."""
        return metastore.cipher(self.conf)

    @cached_property
    def _waker(self) -> Waker:
        return Waker(self.engine, self.conf.home)

    def pulse_of(self, master: int) -> Pulse:
        """Return the pulse of the web server with this pid: all its processes leave one row."""
        name = f"{identity.boot_id()} {identity.start_ticks(master)}"
        return Pulse(self.engine, Presence("webserver", name, master))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a unit of work that only looks."""
        with engines.reading(self.engine) as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a unit of work that may change something; the scheduler is told afterwards."""
        with engines.writing(self.engine) as conn:
            yield conn
        self._waker.wake()

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """Open a unit of work of which the scheduler need not know: who came in, and who did not.

        It is not woken: somebody who guesses passwords would keep it busy.
        """
        with engines.writing(self.engine) as conn:
            yield conn
