"""Pools."""

from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from flowctl.store import pools, trail
from flowctl.store.roles import CREATE, DELETE, EDIT, READ
from flowctl.web.call import Call
from flowctl.web.paging import Page, cut, field_of, in_order, masked, order_of
from flowctl.web.problems import BadRequest, Conflict, NotFound
from flowctl.web.routes import Needs, NoQuery, route

RESOURCE = "Pools"
NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
SLOTS = Annotated[int, msgspec.Meta(ge=-1, le=2**31 - 1)]
ORDERS = {"name": "name", "slots": "slots"}
NO_LIMIT_SHOWN = 2**31 - 1
"""What the free slots of a pool without a limit are said to be; Airflow says infinity, which JSON
does not have."""


class Pool(msgspec.Struct):
    name: str
    slots: int
    occupied_slots: int
    running_slots: int
    queued_slots: int
    scheduled_slots: int
    open_slots: int
    deferred_slots: int
    description: str | None
    include_deferred: bool


class PoolCollection(msgspec.Struct):
    pools: list[Pool]
    total_entries: int


class PoolChanges(msgspec.Struct, kw_only=True):
    """What may be said of a pool; what is left out stays as it is."""

    name: NAME | UnsetType = UNSET
    slots: SLOTS | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    include_deferred: bool | UnsetType = UNSET


class NewPool(PoolChanges, kw_only=True):
    name: NAME
    slots: SLOTS


class PoolMask(msgspec.Struct):
    update_mask: list[Annotated[str, field_of(PoolChanges.__struct_fields__)]] | None = None


class PoolsQuery(Page, kw_only=True):
    order_by: Annotated[str, order_of(ORDERS)] = "name"


@route("GET", "/pools", may=Needs(READ, RESOURCE), tag="Pool")
def get_pools(call: Call[PoolsQuery, None]) -> PoolCollection:
    """List pools."""
    with call.reading() as conn:
        used = [_shown(one) for one in pools.usage(conn)]
    found = in_order(used, call.query.order_by, ORDERS)
    return PoolCollection(cut(call.site, call.query, found), len(found))


@route("POST", "/pools", may=Needs(CREATE, RESOURCE), tag="Pool", errors=(409,))
def post_pool(call: Call[NoQuery, NewPool]) -> Pool:
    """Make a pool."""
    body = call.body
    wanted = pools.Pool(
        body.name, body.slots, body.description or None, body.include_deferred is True
    )
    with call.writing() as conn:
        if pools.get(conn, body.name) is not None:
            raise Conflict(f"there is a pool {body.name!r} already")
        with call.changing(conn, "pool.create", trail.POOL, wanted.name):
            pools.put(conn, wanted)
        return _one(conn, body.name)


@route("GET", "/pools/{pool_name}", may=Needs(READ, RESOURCE), tag="Pool")
def get_pool(call: Call[NoQuery, None], pool_name: str) -> Pool:
    """Return a pool."""
    with call.reading() as conn:
        return _one(conn, pool_name)


@route("PATCH", "/pools/{pool_name}", may=Needs(EDIT, RESOURCE), tag="Pool", errors=(400, 409))
def patch_pool(call: Call[PoolMask, PoolChanges], pool_name: str) -> Pool:
    """Change a pool; of default_pool only the slots and what counts."""
    changes = masked(call.body, call.query.update_mask)
    with call.writing() as conn:
        before = pools.get(conn, pool_name)
        if before is None:
            raise NotFound(f"there is no pool {pool_name!r}")
        after = replace(before, **changes)
        with call.changing(conn, "pool.edit", trail.POOL, pool_name) as change:
            if after.name != before.name:
                _rename(conn, before, after)
                change.name = after.name
            pools.put(conn, after)
        return _one(conn, after.name)


def _rename(conn: Connection, before: pools.Pool, after: pools.Pool) -> None:
    if before.name == pools.DEFAULT:
        raise BadRequest(f"{pools.DEFAULT} keeps its name")
    if pools.get(conn, after.name) is not None:
        raise Conflict(f"there is a pool {after.name!r} already")
    pools.remove(conn, before.name)


@route("DELETE", "/pools/{pool_name}", may=Needs(DELETE, RESOURCE), tag="Pool", errors=(400,))
def delete_pool(call: Call[NoQuery, None], pool_name: str) -> None:
    """Delete a pool."""
    with call.writing() as conn, call.changing(conn, "pool.delete", trail.POOL, pool_name):
        if not pools.remove(conn, pool_name):
            raise NotFound(f"there is no pool {pool_name!r}")


def _one(conn: Connection, name: str) -> Pool:
    for usage in pools.usage(conn):
        if usage.pool.name == name:
            return _shown(usage)
    raise NotFound(f"there is no pool {name!r}")


def _shown(usage: pools.Usage) -> Pool:
    one = usage.pool
    return Pool(
        name=one.name,
        slots=one.slots,
        occupied_slots=usage.occupied,
        running_slots=usage.running,
        queued_slots=usage.queued,
        scheduled_slots=usage.scheduled,
        open_slots=NO_LIMIT_SHOWN if usage.open_slots is None else usage.open_slots,
        deferred_slots=usage.deferred,
        description=one.description,
        include_deferred=one.include_deferred,
    )
