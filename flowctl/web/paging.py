"""A page of a long list: where it begins, how long it may be, and in which order."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from flowctl.web.problems import BadRequest
from flowctl.web.site import Site

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class Page(msgspec.Struct, kw_only=True):
    """The parameters of every list."""

    limit: Count | None = None
    offset: Count = 0


class OrderedPage(Page, kw_only=True):
    """The same, of a list whose order can be chosen: by a field, with "-" in front descending."""

    order_by: str | None = None


class Mask(msgspec.Struct):
    """Which fields of the body count; without it, those that are given."""

    update_mask: list[str] | None = None


def limit(site: Site, page: Page) -> int:
    """Return how many entries to answer: what was asked for, up to what the site allows."""
    if page.limit is None:
        return site.page_default
    return min(page.limit, site.page_max) or site.page_default


def order(
    page: OrderedPage, columns: Mapping[str, Any], default: str
) -> tuple[ColumnElement[Any], ...]:
    """Return the order that was asked for.

    Args:
        columns: what can be ordered by; the last entry makes the order complete.
        default: as in `order_by`.

    Raises:
        BadRequest: the list cannot be ordered by that.
    """
    asked = page.order_by or default
    name = asked.removeprefix("-")
    if name not in columns:
        raise BadRequest(
            f"order_by {asked!r}: this list is ordered by {', '.join(sorted(columns))}"
        )
    *_, last = columns.values()
    chosen = columns[name]
    if asked.startswith("-"):
        return (chosen.desc(), last.desc())
    return (chosen.asc(), last.asc())


def masked(body: msgspec.Struct, update_mask: list[str] | None) -> dict[str, Any]:
    """Return the fields of a body that were given and that the mask, if there is one, names.

    Raises:
        BadRequest: the mask names a field that there is none of.
    """
    given = {
        name: value
        for name, value in msgspec.structs.asdict(body).items()
        if value is not msgspec.UNSET
    }
    if not update_mask:
        return given
    known = body.__struct_fields__
    for name in update_mask:
        if name not in known:
            raise BadRequest(f"update_mask: there is no field {name!r}")
    return {name: value for name, value in given.items() if name in update_mask}


def fetch(
    conn: Connection,
    wanted: Select[Any],
    site: Site,
    page: Page,
    ordered: tuple[ColumnElement[Any], ...],
) -> tuple[Sequence[Row[Any]], int]:
    """Return the rows of one page, and how many there are in all."""
    total = conn.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    rows = conn.execute(
        wanted.order_by(*ordered).limit(limit(site, page)).offset(page.offset)
    ).all()
    return rows, total
