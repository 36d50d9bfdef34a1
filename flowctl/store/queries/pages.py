"""A page of a long list: where it begins, how long it is, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from flowctl.errors import FlowctlError


class OrderError(FlowctlError):
    """A list cannot be ordered by that."""


@dataclass(frozen=True)
class Page:
    """Which part of a list; `order_by` names a field, with "-" in front for descending."""

    limit: int
    offset: int = 0
    order_by: str | None = None


class Found(NamedTuple):
    """The rows of one page, and how many there are in all."""

    rows: Sequence[Row[Any]]
    total: int


def containing(text: str, *columns: Any) -> ColumnElement[bool]:
    """Return the condition that one of the columns contains a text, in whatever case."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def fetch(
    conn: Connection, wanted: Select[Any], page: Page, columns: Mapping[str, Any], default: str
) -> Found:
    """Return one page of what is wanted.

    Args:
        columns: what the list can be ordered by; the last one is unique and decides where others
            are equal.
        default: the order where `page` names none.

    Raises:
        OrderError: the list cannot be ordered as asked.
    """
    asked = page.order_by or default
    name = asked.removeprefix("-")
    if name not in columns:
        raise OrderError(
            f"order_by {asked!r}: this list is ordered by {', '.join(sorted(columns))}"
        )
    chosen, last = columns[name], list(columns.values())[-1]
    ordered = (chosen.desc(), last.desc()) if asked.startswith("-") else (chosen.asc(), last.asc())
    total = conn.execute(select(func.count()).select_from(wanted.order_by(None).subquery()))
    rows = conn.execute(wanted.order_by(*ordered).limit(page.limit).offset(page.offset)).all()
    return Found(rows, total.scalar_one())
