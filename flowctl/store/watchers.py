"""The rows of asset watchers: triggers that belong to no task, and fire again and again.

A DAG that describes an asset with watchers leaves a row for each when its file is recorded. A row
is *wanted* while its DAG is active; where several DAGs say the same of an asset, the oldest of
their rows, so that the trigger runs once. Whoever holds the row runs the trigger.

What a trigger brings is written as an update of the asset, with what that means for each DAG that
waits, in one transaction that names the holder: a triggerer that others take for dead writes
nothing any more. A trigger goes on behind its `yield` once that is committed. So, when a triggerer
is killed, a trigger that lets go of what it found (deletes the file, acknowledges the message)
behind its `yield` loses no event, and finds one again only if it was killed in between; one that
lets go before `yield` never brings an event twice, and may lose one in that moment.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from flowctl.core.assets import AssetSpec, AssetUpdate, WatcherSpec
from flowctl.core.spec import DagSpec
from flowctl.store import assets
from flowctl.store.assets import Update
from flowctl.store.batches import batches
from flowctl.store.crypto import Cipher, CipherError
from flowctl.store.schema import asset, asset_watcher, dag, dag_version, process

Said = tuple[int, str, str]
"""What tells the watchers of a DAG apart: asset, name, digest."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a trigger brought: the payload of an event, as JSON has it, or what went wrong."""

    pk: int
    payload: Any = None
    trouble: str | None = None


# ------------------------------------------------------------------------- what files say


def without_arguments(spec: DagSpec) -> DagSpec:
    """Return a spec as it is stored: arguments of triggers may hold secrets."""
    if not any(one.watchers for one in spec.assets):
        return spec
    return msgspec.structs.replace(spec, assets=tuple(map(_bare, spec.assets)))


def _bare(spec: AssetSpec) -> AssetSpec:
    watchers = tuple(WatcherSpec(one.name, one.classpath) for one in spec.watchers)
    return msgspec.structs.replace(spec, watchers=watchers)


def register(
    conn: Connection, specs: Sequence[DagSpec], cipher: Cipher | None, now: datetime
) -> None:
    """Take over which watchers these DAGs describe; a row that says the same stays.

    Raises:
        CipherError: there are watchers, and no key.
    """
    ids = _asset_ids(conn, specs)
    for spec in specs:
        said = {
            (ids[one.uri], watcher.name, _digest(watcher)): watcher
            for one in spec.assets
            for watcher in one.watchers
        }
        known = _known(conn, spec.dag_id)
        new = {key: watcher for key, watcher in said.items() if key not in known}
        if new:
            conn.execute(insert(asset_watcher), _rows(spec.dag_id, new, cipher, now))
        gone = [pk for key, pk in known.items() if key not in said]
        if gone:  # after the new ones: SQLite gives the key of the last row again
            conn.execute(delete(asset_watcher).where(asset_watcher.c.id.in_(gone)))


def _asset_ids(conn: Connection, specs: Sequence[DagSpec]) -> dict[str, int]:
    uris = {one.uri for spec in specs for one in spec.assets if one.watchers}
    if not uris:
        return {}
    rows = conn.execute(select(asset.c.uri, asset.c.id).where(asset.c.uri.in_(uris)))
    return {row.uri: row.id for row in rows}


def _digest(watcher: WatcherSpec) -> str:
    return hashlib.sha256(f"{watcher.classpath}\0{watcher.kwargs}".encode()).hexdigest()


def _known(conn: Connection, dag_id: str) -> dict[Said, int]:
    mine = select(asset_watcher).where(asset_watcher.c.dag_id == dag_id)
    return {(row.asset_id, row.name, row.digest): row.id for row in conn.execute(mine)}


def _rows(
    dag_id: str, new: Mapping[Said, WatcherSpec], cipher: Cipher | None, now: datetime
) -> list[dict[str, Any]]:
    if cipher is None:
        raise CipherError("arguments of asset watchers are not stored without a key")
    return [
        {
            "dag_id": dag_id,
            "asset_id": asset_id,
            "name": name,
            "digest": digest,
            "classpath": watcher.classpath,
            "kwargs": cipher.encrypt(watcher.kwargs),
            "created_at": now,
        }
        for (asset_id, name, digest), watcher in new.items()
    ]


# ---------------------------------------------------------------------------------- triggerers


def listed(conn: Connection) -> Sequence[Row[Any]]:
    """Return the watchers whose triggers are to be run.

    Columns: those of the table, `version_id`, `file` and `source_hash` of its DAG, `asset_name`.
    """
    first = (
        select(func.min(asset_watcher.c.id))
        .join(dag, dag.c.dag_id == asset_watcher.c.dag_id)
        .where(dag.c.is_active)
        .group_by(asset_watcher.c.asset_id, asset_watcher.c.digest)
    )
    return conn.execute(
        select(
            asset_watcher,
            dag.c.version_id,
            dag_version.c.file,
            dag_version.c.source_hash,
            asset.c.name.label("asset_name"),
        )
        .join(dag, dag.c.dag_id == asset_watcher.c.dag_id)
        .join(dag_version, dag_version.c.id == dag.c.version_id)
        .join(asset, asset.c.id == asset_watcher.c.asset_id)
        .where(asset_watcher.c.id.in_(first))
        .order_by(asset_watcher.c.id)
    ).all()


def holders(conn: Connection) -> Sequence[Row[Any]]:
    """Return the processes that hold rows, living or not."""
    held = select(asset_watcher.c.holder)
    return conn.execute(select(process).where(process.c.id.in_(held))).all()


def claim(conn: Connection, pks: Collection[int], holder: int, gone: Collection[int]) -> set[int]:
    """Take rows that nobody has, or only a triggerer that is gone; return those that were taken."""
    taken: set[int] = set()
    free = or_(asset_watcher.c.holder.is_(None), asset_watcher.c.holder.in_(gone))
    for ids in batches(pks):
        mine = update(asset_watcher).where(asset_watcher.c.id.in_(ids), free)
        taken |= set(
            conn.execute(mine.values(holder=holder).returning(asset_watcher.c.id)).scalars()
        )
    return taken


def release(conn: Connection, holder: int) -> None:
    """Let others have what a triggerer holds that ends."""
    conn.execute(update(asset_watcher).where(asset_watcher.c.holder == holder).values(holder=None))


def record(conn: Connection, brought: Sequence[Brought], holder: int, now: datetime) -> int:
    """Write what triggers brought; return how many updates that were.

    What is not the holder's any more is left out: another triggerer runs the trigger, or no file
    names the watcher.
    """
    held = _held(conn, {one.pk for one in brought}, holder)
    for one in brought:
        if one.pk in held and one.trouble is not None:
            note_trouble(conn, one.pk, one.trouble)
    fired = [one for one in brought if one.pk in held and one.trouble is None]
    if not fired:
        return 0
    conn.execute(
        update(asset_watcher)
        .where(asset_watcher.c.id.in_({one.pk for one in fired}))
        .values(fired_at=now, trouble=None)
    )
    assets.record(conn, [Update(_said(held[one.pk], one)) for one in fired], now)
    return len(fired)


def _held(conn: Connection, pks: Collection[int], holder: int) -> dict[int, Row[*tuple[Any, ...]]]:
    """Return the rows that are the holder's, with their assets; nobody takes them meanwhile."""
    rows = conn.execute(
        select(asset_watcher.c.id, asset.c.uri, asset.c.name, asset.c.group)
        .join(asset, asset.c.id == asset_watcher.c.asset_id)
        .where(asset_watcher.c.id.in_(pks), asset_watcher.c.holder == holder)
        .with_for_update(of=asset_watcher)
    )
    return {row.id: row for row in rows}


def _said(row: Row[*tuple[Any, ...]], one: Brought) -> AssetUpdate:
    """Source: Airflow 3.3.2, which says so in the extra of the event."""
    extra = {"from_trigger": True, "payload": one.payload}
    return AssetUpdate(AssetSpec(row.uri, row.name, row.group), extra)


def note_trouble(conn: Connection, pk: int, trouble: str) -> None:
    """Remember what is wrong with a trigger, for whoever asks why an asset has no news."""
    conn.execute(update(asset_watcher).where(asset_watcher.c.id == pk).values(trouble=trouble))
