"""A page of a long list: where it begins, how long it may be, and in which order."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from flowctl.store.queries import pages
from flowctl.web.site import Site

T = TypeVar("T")
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Number = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Names = Annotated[list[str], msgspec.Meta(max_length=1000)]
"""What the database can hold, and how many names one statement can take."""
END = r"$(?!\n)"
"""The end of a text in a pattern: Python's `$` alone also stands before a last line break."""
Several = Annotated[list[str], msgspec.Meta(max_length=250)]
"""Names in the address of a request, which is read up to 8 kB."""


def field_of(names: Iterable[str]) -> msgspec.Meta:
    """Return what holds for the name of a field: it is one of these."""
    return msgspec.Meta(pattern=f"^({'|'.join(names)}){END}")


def order_of(names: Iterable[str]) -> msgspec.Meta:
    """Return what holds for the order of a list: one of these names, with "-" descending."""
    return msgspec.Meta(pattern=f"^-?({'|'.join(names)}){END}")


class Page(msgspec.Struct, kw_only=True):
    """The parameters of every list."""

    limit: Count | None = None
    offset: Count = 0


class OrderedPage(Page, kw_only=True):
    """The same, of a list whose order can be chosen; which there are, each list says."""

    order_by: str | None = None


class SearchedPage(OrderedPage, kw_only=True):
    """The same, of a list that can be searched: for a part of the name or the description."""

    search: str | None = None


def page(site: Site, asked: Page) -> pages.Page:
    """Return which page to answer: what was asked for, up to what the site allows."""
    wanted = site.page_default if asked.limit is None else min(asked.limit, site.page_max)
    order_by = asked.order_by if isinstance(asked, OrderedPage) else None
    return pages.Page(wanted or site.page_default, asked.offset, order_by)


def cut(site: Site, asked: Page, entries: list[T]) -> list[T]:
    """Return the page of a list that is in memory."""
    wanted = page(site, asked)
    return entries[wanted.offset : wanted.offset + wanted.limit]


def in_order(entries: Iterable[T], asked: str, fields: Mapping[str, str]) -> list[T]:
    """Return a list that is in memory in the order asked for.

    Args:
        fields: by the names that `asked` can have, what the entries call these.
    """
    field = fields[asked.removeprefix("-")]

    def key(entry: T) -> tuple[bool, Any]:
        value = getattr(entry, field)
        return value is not None, value if isinstance(value, int | float | str) else str(value)

    return sorted(entries, key=key, reverse=asked.startswith("-"))


def masked(body: msgspec.Struct, update_mask: list[str] | None) -> dict[str, Any]:
    """Return the fields of a body that were given and that the mask, if there is one, names."""
    return {
        name: value
        for name, value in msgspec.structs.asdict(body).items()
        if value is not msgspec.UNSET and (not update_mask or name in update_mask)
    }
