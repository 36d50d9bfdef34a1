"""Who leads? One row says it: a holder, a term that only grows, and when the lease ends.

A leader renews before the end; anybody may take an ended lease, which raises the term. Every write
of the scheduler checks its term in its own transaction (`hold`), so a leader that was suspended,
and woke up deposed, moves nothing.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from flowctl.errors import FlowctlError
from flowctl.store.prepared import Prepared
from flowctl.store.schema import lease
from flowctl.store.together import Answer, Batch, together

NAME = "scheduler"
LASTS = timedelta(seconds=4)  # a standby takes over within 5 s of a kill
RENEW_AFTER = timedelta(seconds=1)
FIRST_TERM_EVERY_S = 10.0
"""The first term of a metastore counts tens of seconds since 1970, so that a runner which outlived
a `db reset` takes the new leader for a later one than the last."""


_HELD = Prepared(
    select(lease.c.term)
    .where(lease.c.name == NAME, lease.c.term == bindparam("held"))
    .with_for_update(read=True)
)


_OVER = "term {} is over: another scheduler leads"


class Deposed(FlowctlError):
    """Another scheduler leads now."""


def moment(conn: Connection, now: datetime) -> datetime:
    """Return the moment by which leases are judged: `now`, or what the server's clock says.

    Schedulers on several machines must agree on it, or one whose clock is ahead deposes a leader
    that is alive. SQLite has only the clock of this machine.
    """
    if conn.dialect.name != "postgresql":
        return now
    found: datetime = conn.execute(select(func.clock_timestamp())).scalar_one()
    return found


def take(conn: Connection, holder: str, now: datetime) -> int | None:
    """Take the lease if it is free or ended.

    Returns:
        The term, 1 or more; None when another holder has it.
    """
    row = conn.execute(
        select(lease.c.holder, lease.c.term, lease.c.expires_at)
        .where(lease.c.name == NAME)
        .with_for_update()
    ).one_or_none()
    if row is None:
        term = int(now.timestamp() / FIRST_TERM_EVERY_S)
        values = {"name": NAME, "holder": holder, "term": term, "expires_at": now + LASTS}
        conn.execute(insert(lease).values(values))
        return term
    if row.expires_at > now and row.holder != holder:
        return None
    conn.execute(
        update(lease)
        .where(lease.c.name == NAME)
        .values(holder=holder, term=row.term + 1, expires_at=now + LASTS)
    )
    return int(row.term) + 1


_PART = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user"
    " AND application_name LIKE 'flowctl %' AND pid <> pg_backend_pid()"
    " AND state = 'active' AND wait_event = 'ClientRead'"
    " AND xact_start < clock_timestamp() - make_interval(secs => :silent_s)"
)


def part_from_silent(conn: Connection, silent_s: float = LASTS.total_seconds()) -> int:
    """End the sessions of flowctl's processes that fell silent in the midst of many statements.

    A driver sends many rows of parameters in one go; the server of a process that is suspended
    meanwhile waits for the rest of them, with all locks, and `engine.IDLE_MS` does not count.

    Returns:
        How many there were; with SQLite the kernel frees the locks, or nobody can.
    """
    if conn.dialect.name != "postgresql":
        return 0
    return int(conn.execute(_PART, {"silent_s": silent_s}).scalar_one())


def hold(conn: Connection, term: int, now: datetime, *, renew: bool = False) -> None:
    """Make sure that `term` still leads until this transaction ends; renew on request.

    Raises:
        Deposed: it does not.
    """
    if renew:
        held = conn.execute(
            update(lease)
            .where(lease.c.name == NAME, lease.c.term == term)
            .values(expires_at=now + LASTS)
        ).rowcount
        if not held:
            raise Deposed(_OVER.format(term))
    else:
        with together(conn) as batch:
            answer = ask(batch, term)
        require(answer, term)


def ask(batch: Batch, term: int) -> Answer:
    """Hold the lease together with other statements; `require` looks at the answer."""
    return batch.run(_HELD, [{"held": term}])


def require(held: Answer, term: int) -> None:
    """Make sure that `term` leads, as the answer says.

    Raises:
        Deposed: it does not.
    """
    if not held.all():
        raise Deposed(_OVER.format(term))


def give_up(conn: Connection, term: int, now: datetime) -> None:
    """End the lease of `term` now, so that a standby need not wait."""
    conn.execute(
        update(lease).where(lease.c.name == NAME, lease.c.term == term).values(expires_at=now)
    )


def holder(conn: Connection) -> tuple[str, int, datetime] | None:
    """Return who led last: holder, term, and when the lease ends or ended."""
    row = conn.execute(
        select(lease.c.holder, lease.c.term, lease.c.expires_at).where(lease.c.name == NAME)
    ).one_or_none()
    return None if row is None else (row.holder, row.term, row.expires_at)
