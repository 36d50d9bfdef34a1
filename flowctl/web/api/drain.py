"""Draining: what runs is finished, nothing new starts."""

import msgspec
from sqlalchemy import Connection

from flowctl.store import drains
from flowctl.store.roles import EDIT, READ
from flowctl.web.api.jobs import JOBS
from flowctl.web.call import Call
from flowctl.web.reading import When, shown
from flowctl.web.routes import Needs, NoQuery, route


class DrainState(msgspec.Struct):
    """Who lets flowctl drain, and how many tasks still run."""

    by: str | None  # None: tasks start as ever
    since: When | None
    running: int


@route("GET", "/drain", may=Needs(READ, JOBS), tag="View")
def get_drain(call: Call[NoQuery, None]) -> DrainState:
    """Say whether flowctl drains."""
    with call.reading() as conn:
        return _state(conn)


@route("POST", "/drain", may=Needs(EDIT, JOBS), tag="View")
def begin_drain(call: Call[NoQuery, None]) -> DrainState:
    """Finish what runs and start nothing new; it outlives restarts."""
    with call.writing() as conn:
        drains.begin(conn, call.caller.name, call.now)
        return _state(conn)


@route("DELETE", "/drain", may=Needs(EDIT, JOBS), tag="View")
def end_drain(call: Call[NoQuery, None]) -> DrainState:
    """Start things again."""
    with call.writing() as conn:
        drains.end(conn, call.caller.name, call.now)
        return _state(conn)


def _state(conn: Connection) -> DrainState:
    found, running = drains.read(conn), drains.left(conn)
    if found is None:
        return DrainState(None, None, running)
    return DrainState(found.by, shown(found.since), running)
