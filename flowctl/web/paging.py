"""A page of a long list: where it begins, how long it may be, and in which order."""

from typing import Annotated, Any, TypeVar

import msgspec

from flowctl.store.queries import pages
from flowctl.web.problems import BadRequest
from flowctl.web.site import Site

T = TypeVar("T")
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Number = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Names = Annotated[list[str], msgspec.Meta(max_length=1000)]
"""What the database can hold, and how many names one statement can take."""


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


def page(site: Site, asked: Page) -> pages.Page:
    """Return which page to answer: what was asked for, up to what the site allows."""
    wanted = site.page_default if asked.limit is None else min(asked.limit, site.page_max)
    order_by = asked.order_by if isinstance(asked, OrderedPage) else None
    return pages.Page(wanted or site.page_default, asked.offset, order_by)


def cut(site: Site, asked: Page, entries: list[T]) -> list[T]:
    """Return the page of a list that is in memory."""
    wanted = page(site, asked)
    return entries[wanted.offset : wanted.offset + wanted.limit]


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
