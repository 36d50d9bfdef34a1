"""The processes of flowctl: who leads, who stands by, who is gone."""

import socket
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from flowctl.runner import identity
from flowctl.store import lease
from flowctl.store.queries import processes
from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.paging import Page, cut
from flowctl.web.reading import When, shown
from flowctl.web.routes import Needs, route

JOBS = "Jobs"


class Job(msgspec.Struct):
    """One process, as it reported itself."""

    id: int
    kind: str
    state: Literal["alive", "silent", "ended"]  # silent: it did not say goodbye
    role: Literal["leader", "standby"] | None  # of schedulers that are alive
    host: str
    pid: int
    started_at: When
    seen_at: When
    ended_at: When | None
    tick_at: When | None  # scheduler: when its last look at everything was complete
    memory_bytes: int | None
    """Its share of what is resident, with its children that are no tasks and have no row. None:
    it runs on another machine, or as another user."""


class JobCollection(msgspec.Struct):
    jobs: list[Job]
    total_entries: int


class JobsQuery(Page, kw_only=True):
    kind: str | None = None
    only_alive: bool = False


@route("GET", "/jobs", may=Needs(READ, JOBS), tag="Monitoring")
def get_jobs(call: Call[JobsQuery, None]) -> JobCollection:
    """List the processes of flowctl, latest sign of life first."""
    asked = call.query
    with call.reading() as conn:
        found = of_site(call, conn, asked.kind)
    found = [one for one in found if one.state == "alive" or not asked.only_alive]
    return JobCollection(cut(call.site, asked, found), len(found))


def of_site(call: Call[Any, Any], conn: Connection, kind: str | None = None) -> list[Job]:
    """Return all processes that are remembered, of one kind or of all."""
    silent_after = timedelta(
        seconds=call.site.conf.number("scheduler", "scheduler_health_check_threshold")
    )
    leader = _leader(conn)
    rows = processes.listed(conn, ended=True)
    known = {row.pid for row in rows if row.ended_at is None}
    return [
        _job(row, leader, known, is_silent=call.now - row.seen_at >= silent_after)
        for row in rows
        if kind in (None, row.kind)
    ]


class _Process(msgspec.Struct):
    pid: int = 0


class _Holder(msgspec.Struct):
    """The little of a lease's holder that tells its process."""

    host: str = ""
    process: _Process = msgspec.field(default_factory=_Process)


def _leader(conn: Connection) -> tuple[str, int]:
    found = lease.holder(conn)
    if found is None:
        return "", 0
    holder = msgspec.json.decode(found[0], type=_Holder)
    return holder.host, holder.process.pid


def _job(row: Any, leader: tuple[str, int], known: set[int], *, is_silent: bool) -> Job:
    state: Any = "ended" if row.ended_at else "silent" if is_silent else "alive"
    role: Any = None
    if row.kind == "scheduler" and state == "alive":
        role = "leader" if (row.host, row.pid) == leader else "standby"
    return Job(
        row.id,
        row.kind,
        state,
        role,
        row.host,
        row.pid,
        shown(row.started_at),
        shown(row.seen_at),
        shown(row.ended_at),
        shown(row.tick_at),
        _memory(row.host, row.pid, known) if state == "alive" else None,
    )


def _memory(host: str, pid: int, known: set[int]) -> int | None:
    if host != socket.gethostname():
        return None
    family = [pid, *(one for one in identity.children(pid) if one not in known)]
    shares = [share for one in family if (share := _share(one)) is not None]
    return sum(shares) if shares else None


def _share(pid: int) -> int | None:
    """Return the part of the machine's memory that a process has, where pages are shared (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)
