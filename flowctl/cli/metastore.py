"""The metastore, as commands use it: units of work on tables that are known to be current."""

import getpass
import logging
import socket
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, TimeoutError

from flowctl import clock
from flowctl.cli.settings import settings
from flowctl.store import database, events, metastore, trail
from flowctl.store import engine as engines
from flowctl.store.wake import Waker

LOG = logging.getLogger("flowctl.cli")


def engine() -> Engine:
    """Return an engine for the configured metastore, whatever state it is in."""
    opened = metastore.open_engine(settings(), name="flowctl command", pool_size=1)
    LOG.debug("home %s, metastore %r", settings().home, opened.url)
    return opened


def current_engine() -> Engine:
    """Return an engine for the configured metastore.

    Raises:
        MetastoreError: it has no tables, or those of another version.
    """
    opened = engine()
    database.require_current(opened)
    return opened


@contextmanager
def reading() -> Iterator[Connection]:
    """Open a unit of work that only looks."""
    with _in_one_sentence(), engines.reading(current_engine()) as conn:
        yield conn


@contextmanager
def writing() -> Iterator[Connection]:
    """Open a unit of work that may change something; once it is done the scheduler is told."""
    opened = current_engine()
    with here(), _in_one_sentence(), engines.writing(opened) as conn:
        yield conn
    Waker(opened, settings().home).wake()


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """Say what a busy, full or lost database says, without the statement and its values.

    Raises:
        MetastoreError: nothing was changed, or it is not known; the command may be given again.
    """
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        if not engines.is_transient(error):
            raise
        raise engines.MetastoreError(
            f"the metastore could not do this now: {engines.in_words(error)}; try again"
        ) from error


def here() -> AbstractContextManager[None]:
    """Have the audit trail say on which machine a command was given."""
    return events.coming_from(socket.gethostname())


@contextmanager
def changing(conn: Connection, name: str, kind: trail.Kind, of: str) -> Iterator[trail.Change]:
    """Record what the body changes of a thing: how it was, and how it is."""
    with trail.change(conn, kind, of) as change:
        yield change
    events.record(conn, name, actor(), at=clock.utcnow(), detail=change.detail)


@contextmanager
def changing_all(
    conn: Connection, name: str, kind: trail.Kind, of: Iterable[str]
) -> Iterator[None]:
    """Record what the body changes of some things, a row for each that is another one then."""
    with ExitStack() as stack:
        made = [stack.enter_context(trail.change(conn, kind, one)) for one in of]
        yield
    for change in made:
        if change.detail.get("changed") != []:
            events.record(conn, name, actor(), at=clock.utcnow(), detail=change.detail)


def actor() -> str:
    """Return who works here, for the audit trail."""
    return f"cli:{getpass.getuser()}"
