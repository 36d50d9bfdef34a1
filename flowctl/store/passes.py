"""What lets people and programs in without a password: sessions and tokens.

Both are kept as the sha256 of what their holder shows, so that nobody can use what he reads here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from flowctl.store import accounts
from flowctl.store.accounts import Account
from flowctl.store.schema import account, session, token

SEEN_EVERY = timedelta(minutes=1)  # how exactly it is known when a session or token was last used


def open_session(conn: Connection, holder: Account, digest: str, now: datetime) -> None:
    """Open a session of an account."""
    conn.execute(
        insert(session).values(
            digest=digest, account_id=holder.id, epoch=holder.epoch, created_at=now, seen_at=now
        )
    )


def drop_sessions(conn: Connection, idle_since: datetime, opened_before: datetime) -> None:
    """Delete the sessions that are over."""
    conn.execute(
        delete(session).where(
            or_(session.c.seen_at < idle_since, session.c.created_at < opened_before)
        )
    )


def by_session(
    conn: Connection, digest: str, idle_since: datetime, opened_after: datetime
) -> tuple[Account, datetime] | None:
    """Return whose session it is and when it was last used; None when it is over."""
    row = conn.execute(
        select(account.c.username, session.c.seen_at)
        .join(account, account.c.id == session.c.account_id)
        .where(
            session.c.digest == digest,
            session.c.epoch == account.c.epoch,
            session.c.seen_at >= idle_since,
            session.c.created_at >= opened_after,
            account.c.is_active,
        )
    ).one_or_none()
    holder = accounts.one(conn, row.username) if row else None
    return (holder, row.seen_at) if row and holder else None


def valid(
    conn: Connection,
    digests: Collection[str],
    idle_since: datetime,
    opened_after: datetime,
    now: datetime,
) -> set[str]:
    """Return which of these are of sessions and tokens that are not over."""
    there = select(session.c.digest).where(
        session.c.digest.in_(digests),
        session.c.seen_at >= idle_since,
        session.c.created_at >= opened_after,
    )
    tokens = select(token.c.digest).where(token.c.digest.in_(digests), token.c.expires_at > now)
    return set(conn.scalars(there.union_all(tokens)))


def seen(conn: Connection, digest: str, now: datetime) -> None:
    """Note that a session, or a token, is in use."""
    for table in (session, token):
        conn.execute(update(table).where(table.c.digest == digest).values(seen_at=now))


def close_session(conn: Connection, digest: str) -> None:
    """End a session."""
    conn.execute(delete(session).where(session.c.digest == digest))


@dataclass(frozen=True)
class Session:
    """A browser that somebody logged in with."""

    digest: str
    created_at: datetime
    seen_at: datetime


def sessions(conn: Connection, pk: int, idle_since: datetime, after: datetime) -> list[Session]:
    """Return the sessions of an account that are not over, the latest used first."""
    rows = conn.execute(
        select(session.c.digest, session.c.created_at, session.c.seen_at)
        .join(account, account.c.id == session.c.account_id)
        .where(
            session.c.account_id == pk,
            session.c.epoch == account.c.epoch,
            session.c.seen_at >= idle_since,
            session.c.created_at >= after,
        )
        .order_by(session.c.seen_at.desc(), session.c.digest)
    )
    return [Session(**row._asdict()) for row in rows]


@dataclass(frozen=True)
class Token:
    """What lets a program in, as its holder."""

    id: int
    name: str
    is_read_only: bool
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None


def issue_token(
    conn: Connection, pk: int, digest: str, name: str, expires_at: datetime, now: datetime,
    *, is_read_only: bool = False,
) -> int:  # fmt: skip
    """Keep a new token of an account; return its key."""
    issued: int = conn.execute(
        insert(token)
        .values(
            account_id=pk,
            name=name,
            digest=digest,
            is_read_only=is_read_only,
            created_at=now,
            expires_at=expires_at,
        )
        .returning(token.c.id)
    ).scalar_one()
    return issued


def tokens(conn: Connection, pk: int) -> list[Token]:
    """Return the tokens of an account, newest first."""
    names = Token.__dataclass_fields__
    rows = conn.execute(
        select(*(token.c[name] for name in names))
        .where(token.c.account_id == pk)
        .order_by(token.c.id.desc())
    )
    return [Token(**row._asdict()) for row in rows]


def revoke_token(conn: Connection, pk: int, token_id: int) -> bool:
    """Delete a token of an account; say whether there was one."""
    mine = delete(token).where(token.c.id == token_id, token.c.account_id == pk)
    return bool(conn.execute(mine).rowcount)


def by_token(conn: Connection, digest: str, now: datetime) -> tuple[Account, Token] | None:
    """Return whose token it is, and the token; None when it is none, or over."""
    names = Token.__dataclass_fields__
    row = conn.execute(
        select(account.c.username, *(token.c[name] for name in names))
        .join(account, account.c.id == token.c.account_id)
        .where(token.c.digest == digest, token.c.expires_at > now, account.c.is_active)
    ).one_or_none()
    if row is None:
        return None
    facts = row._asdict()
    holder = accounts.one(conn, facts.pop("username"))
    return (holder, Token(**facts)) if holder else None
