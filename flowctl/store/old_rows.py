"""How old rows are found and deleted, a page at a time: what every kind of history shares."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Table, delete, select, true

from flowctl.core.retention import Policy

Condition = Callable[[FromClause], ColumnElement[bool]]
Place = tuple[Any, ...]  # the row that was looked at last


class Page(NamedTuple):
    """What a look at some rows found."""

    keys: Sequence[Any] = ()  # of those that may go
    after: Place | None = None  # where to look on; None: that was all


class Gone(NamedTuple):
    """What was deleted in one step."""

    part: str = ""
    rows: int = 0
    runs: Sequence[tuple[str, str]] = ()  # DAG and id of those among them that were runs
    is_all: bool = True  # that was asked for; what is left takes another step


Look = Callable[[Connection, Policy, Place | None, int], Page]


class Part(NamedTuple):
    """One kind of rows that can be cleaned."""

    about: str
    looks: tuple[Look, ...]
    delete: Callable[[Connection, Policy, Sequence[Any], int], Gone]
    rows: Callable[[Connection, Sequence[Any]], int] = lambda _, keys: len(keys)


@cache
def named_old(table: Table) -> FromClause:
    """Return a table under the name that conditions are about; made once, it takes 0.5 ms."""
    return table.alias("old")


def always(_: FromClause) -> ColumnElement[bool]:
    """Let any row go that is old."""
    return true()


def allowed(
    conn: Connection, table: Table, keys: Sequence[int], may_go: ColumnElement[bool]
) -> list[int]:
    """Return those of the keys whose rows may go; the condition is about `named_old(table)`."""
    if not keys:
        return []
    old = named_old(table)
    return list(conn.scalars(select(old.c.id).where(old.c.id.in_(keys), may_go)))


def by_itself(
    name: str,
    about: str,
    table: Table,
    age: str,
    may_go: Condition = always,
    *,
    is_in_order: bool = False,
) -> Part:
    """Return a part whose rows go by themselves.

    Args:
        age: the column that says how old a row is; NULL is not old.
        may_go: more that must hold.
        is_in_order: a row with a higher key is not older, so that only the first are looked at.
    """

    def look(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
        before = policy.before(name)
        if before is None:
            return Page()
        wanted = select(table.c.id, table.c[age]).order_by(table.c.id).limit(rows_max)
        rows = conn.execute(wanted.where(table.c.id > after[0] if after else true())).all()
        old = [pk for pk, at in rows if at is not None and at < before]
        is_end = len(rows) < rows_max or (is_in_order and rows[-1][1] >= before)
        return Page(
            allowed(conn, table, old, may_go(named_old(table))),
            None if is_end else (rows[-1].id,),
        )

    def remove(conn: Connection, policy: Policy, keys: Sequence[int], _: int) -> Gone:
        before = policy.before(name)
        still = [table.c.id.in_(keys), table.c[age] < before]
        if may_go is not always:
            still.append(table.c.id.in_(allowed(conn, table, keys, may_go(named_old(table)))))
        return Gone("", conn.execute(delete(table).where(*still)).rowcount)

    return Part(about, (look,), remove)
