"""The people who may use the web server: who they are, and their roles.

Passwords come hashed. A session (`passes`) belongs to the `epoch` of its account, which a new
password, the loss of a role and the end of the account raise: all its sessions are over then. A
new password ends the tokens, too: whoever changes it may have to, because somebody knows it who
could have made one. A lost role does not: a token allows what its holder's roles allow now.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from flowctl.errors import FlowctlError
from flowctl.store import access
from flowctl.store.roles import Permission
from flowctl.store.schema import account, account_role, role, role_permission, session, token

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


class AccountError(FlowctlError):
    """An account cannot be made or changed as asked."""


class Taken(AccountError):
    """Another account has the name or the address."""


@dataclass(frozen=True)
class Account:
    """One person."""

    username: str
    first_name: str
    last_name: str
    email: str
    roles: tuple[str, ...] = ()  # sorted
    is_active: bool = True
    id: int = 0
    epoch: int = 1
    password: str | None = None  # a salted hash; None fits no password
    created_at: datetime | None = None
    changed_at: datetime | None = None
    last_login_at: datetime | None = None
    login_count: int = 0
    failed_login_count: int = 0
    subject: str | None = None  # whom a provider of identities means, if it lets him in


_FIELDS = [name for name in Account.__dataclass_fields__ if name != "roles"]


def found(conn: Connection, usernames: Iterable[str] | None = None) -> list[Account]:
    """Return these accounts, by default all, sorted by name."""
    wanted = select(*(account.c[name] for name in _FIELDS)).order_by(account.c.username)
    if usernames is not None:
        wanted = wanted.where(account.c.username.in_(list(usernames)))
    rows = conn.execute(wanted).all()
    roles = _roles(conn, [row.id for row in rows])
    return [Account(**row._asdict(), roles=tuple(roles.get(row.id, ()))) for row in rows]


def one(conn: Connection, username: str) -> Account | None:
    """Return one account, or None."""
    return next(iter(found(conn, [username])), None)


def of_subject(conn: Connection, subject: str) -> Account | None:
    """Return the account of somebody whom a provider of identities vouches for, or None."""
    username = conn.scalar(select(account.c.username).where(account.c.subject == subject))
    return None if username is None else one(conn, username)


def _roles(conn: Connection, pks: Sequence[int]) -> dict[int, list[str]]:
    rows = conn.execute(
        select(account_role.c.account_id, role.c.name)
        .join(role, role.c.id == account_role.c.role_id)
        .where(account_role.c.account_id.in_(pks))
        .order_by(role.c.name)
    )
    by_account: dict[int, list[str]] = {}
    for pk, name in rows:
        by_account.setdefault(pk, []).append(name)
    return by_account


def permissions(conn: Connection, pk: int) -> frozenset[Permission]:
    """Return what all roles of an account allow together, and what DAGs allow them."""
    return permissions_of(conn, {pk})[pk]


def permissions_of(conn: Connection, pks: Collection[int]) -> dict[int, frozenset[Permission]]:
    """Return the permissions of each of these accounts."""
    rows = conn.execute(
        select(account_role.c.account_id, role_permission.c.action, role_permission.c.resource)
        .join(role_permission, role_permission.c.role_id == account_role.c.role_id)
        .where(account_role.c.account_id.in_(pks))
    )
    found: dict[int, set[Permission]] = {pk: set() for pk in pks}
    for pk, action, resource in rows:
        found[pk].add((action, resource))
    for pk, permission in access.permissions(conn, pks):
        found[pk].add(permission)
    return {pk: frozenset(those) for pk, those in found.items()}


def create(conn: Connection, wanted: Account, now: datetime) -> int:
    """Make an account; return its key.

    Raises:
        AccountError: the name or the address is none or taken, or there is no such role.
    """
    _check(wanted)
    values = {name: getattr(wanted, name) for name in _FIELDS if name != "id"}
    try:
        pk: int = conn.execute(
            insert(account)
            .values(**values | {"created_at": now, "changed_at": now})
            .returning(account.c.id)
        ).scalar_one()
    except IntegrityError as error:
        raise _taken(wanted) from error
    _give(conn, pk, wanted.roles)
    return pk


def change(conn: Connection, before: Account, after: Account, now: datetime) -> None:
    """Change an account from what it was read as; whoever loses something is logged out.

    Raises:
        AccountError: as for `create`.
    """
    _check(after)
    is_over = (
        before.password != after.password
        or (before.is_active and not after.is_active)
        or not set(before.roles) <= set(after.roles)
    )
    after = replace(after, epoch=before.epoch + 1 if is_over else before.epoch, changed_at=now)
    values = {name: getattr(after, name) for name in _FIELDS if name not in ("id", "created_at")}
    try:
        conn.execute(update(account).where(account.c.id == before.id).values(**values))
    except IntegrityError as error:
        raise _taken(after) from error
    if set(before.roles) != set(after.roles):
        conn.execute(delete(account_role).where(account_role.c.account_id == before.id))
        _give(conn, before.id, after.roles)
    if is_over:
        conn.execute(delete(session).where(session.c.account_id == before.id))
    if before.password != after.password:
        conn.execute(delete(token).where(token.c.account_id == before.id))


def log_out(conn: Connection, pk: int) -> dict[str, int]:
    """End all sessions and tokens of an account; return how many there were.

    Its holder has to log in again.
    """
    conn.execute(update(account).where(account.c.id == pk).values(epoch=account.c.epoch + 1))
    return {
        name: conn.execute(delete(table).where(table.c.account_id == pk)).rowcount
        for name, table in (("sessions", session), ("tokens", token))
    }


def remove(conn: Connection, username: str) -> bool:
    """Delete an account with its sessions and tokens; say whether there was one."""
    return bool(conn.execute(delete(account).where(account.c.username == username)).rowcount)


def _check(wanted: Account) -> None:
    if not (re.fullmatch(r"[^\s/]{1,256}", wanted.username) and wanted.username.isprintable()):
        raise AccountError(
            f"username {wanted.username!r}: 1 to 256 characters, no blank and no slash"
        )
    if not _EMAIL.fullmatch(wanted.email):
        raise AccountError(f"email {wanted.email!r}: this is no mail address")
    for label, text in (("first name", wanted.first_name), ("last name", wanted.last_name)):
        if len(text) > 256:
            raise AccountError(f"{label}: at most 256 characters")


def _taken(wanted: Account) -> Taken:
    return Taken(
        f"there is a user named {wanted.username!r}, or with the address {wanted.email!r}, already"
    )


def _give(conn: Connection, pk: int, names: Iterable[str]) -> None:
    wanted = set(names)
    rows = conn.execute(select(role.c.id, role.c.name).where(role.c.name.in_(wanted))).all()
    missing = wanted - {row.name for row in rows}
    if missing:
        there = ", ".join(conn.scalars(select(role.c.name).order_by(role.c.name)))
        raise AccountError(f"there is no role {sorted(missing)[0]!r}; there are: {there}")
    if rows:
        conn.execute(insert(account_role), [{"account_id": pk, "role_id": row.id} for row in rows])


def logged_in(conn: Connection, pk: int, now: datetime) -> None:
    """Note that somebody gave the right password."""
    conn.execute(
        update(account)
        .where(account.c.id == pk)
        .values(last_login_at=now, login_count=account.c.login_count + 1, failed_login_count=0)
    )


def refused(conn: Connection, username: str) -> None:
    """Note that somebody gave a wrong password for a name, if it is one."""
    conn.execute(
        update(account)
        .where(account.c.username == username)
        .values(failed_login_count=account.c.failed_login_count + 1)
    )


def keep_hash(conn: Connection, pk: int, password: str) -> None:
    """Keep the same password in a newer way; nobody is logged out."""
    conn.execute(update(account).where(account.c.id == pk).values(password=password))


def epochs(conn: Connection, pks: Collection[int]) -> dict[int, int]:
    """Return the epoch of each of these accounts that is active."""
    rows = conn.execute(
        select(account.c.id, account.c.epoch).where(account.c.id.in_(pks), account.c.is_active)
    )
    return {row.id: row.epoch for row in rows}
