"""Who leads, as seen by one scheduler: take the lease, or stand by.

With SQLite every scheduler is on this machine, so a lock of the kernel says at once and for certain
that the last leader is gone. With PostgreSQL the lease must end first, unless its holder was a
process of this machine that is no more.
"""

import fcntl
import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl import clock
from flowctl.runner import identity
from flowctl.store import lease
from flowctl.store.engine import in_words, is_transient, reading, writing

LOG = logging.getLogger("flowctl.scheduler")

STANDBY_LOOKS_EVERY_S = 0.5


class Holder(msgspec.Struct, frozen=True):
    """Who asks for the lease."""

    host: str
    process: identity.Identity


class Leadership:
    """One scheduler's claim to lead."""

    def __init__(self, engine: Engine, run_folder: Path) -> None:
        self._engine = engine
        self._holder = Holder(socket.gethostname(), identity.own())
        self._name = msgspec.json.encode(self._holder).decode()
        self._lock: int | None = None
        self._term_elsewhere: int | None = None
        self._lock_path = run_folder / "scheduler.lock"
        self.is_standby = False

    def await_term(
        self, stopping: threading.Event, while_another_home_leads: Callable[[int], object]
    ) -> int | None:
        """Stand by until this scheduler leads; return its term, or None when told to stop.

        Args:
            while_another_home_leads: called with the term of a leader elsewhere, again and again;
                no other scheduler of this home is at work meanwhile.
        """
        while not stopping.is_set():
            try:
                term = self._try()
                if term is not None:
                    return term
                self.is_standby = True
                if self._lock is not None and self._term_elsewhere is not None:
                    while_another_home_leads(self._term_elsewhere)
            except SQLAlchemyError as error:
                if not is_transient(error):
                    raise
                LOG.warning("the metastore does not answer a standby: %s", in_words(error))
            stopping.wait(STANDBY_LOOKS_EVERY_S)
        return None

    def give_up(self, term: int) -> None:
        """Let another scheduler lead at once."""
        with writing(self._engine) as conn:
            lease.give_up(conn, term, lease.moment(conn, clock.utcnow()))
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _try(self) -> int | None:
        if not self._lock_home():
            return None
        with reading(self._engine) as conn:
            last = lease.holder(conn)
            now = lease.moment(conn, clock.utcnow())
        self._term_elsewhere = None if last is None else last[1]
        is_gone = last is not None and self._is_gone(last[0])
        if last is not None and not is_gone and last[2] > now and last[0] != self._name:
            return None
        with writing(self._engine) as conn:
            if lease.part_from_silent(conn):
                LOG.warning("a process of flowctl stood still with locks of the metastore: parted")
        with writing(self._engine) as conn:
            now = lease.moment(conn, clock.utcnow())
            if last is not None and is_gone:
                lease.give_up(conn, last[1], now)
            return lease.take(conn, self._name, now)

    def _lock_home(self) -> bool:
        """Take the kernel's lock on this home: one runner obeys one scheduler."""
        if self._lock is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            fd = os.open(self._lock_path, flags, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(fd)
                return False
            self._lock = fd
        return True

    def _is_gone(self, name: str) -> bool:
        """Say whether a holder was a process of this machine, and is no more."""
        try:
            last = msgspec.json.decode(name, type=Holder)
        except msgspec.DecodeError:
            return False
        return last.host == self._holder.host and not identity.is_alive(last.process)
