"""Assets as rows: what the DAG files say of them, their updates, and the runs that take these.

An update is written in the transaction in which the success is that made it (`outcomes`), and so is
what it means for each DAG that waits for the asset: a row of `asset_run_event`, not taken by a run
yet, and one of `asset_queue`, which says that the asset is new for that DAG. The scheduler decides
from the queue (`core.tick`); in its transaction the new run takes all waiting events of its DAG and
empties the DAG's queue (`take`). So an event comes into exactly one run of each DAG. Writers of
these two tables take turns: else a run could take an event and leave the queue that it made.

A DAG that is paused gets its events without the queue: they make no run due, but the next run has
them.

Source: Airflow 2.10.5, where a second update before the run is made starts no run of its own
(`tests/scheduler/data/assets.json`); there it may also be left out of the run, here it is in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from flowctl.core import assets as core
from flowctl.core.assets import ALIAS, ASSET, NAME, AssetSpec, AssetUpdate, Condition, Key
from flowctl.core.dag import Dag
from flowctl.core.spec import DagSpec
from flowctl.core.states import RunType
from flowctl.errors import FlowctlError
from flowctl.store import events, runs
from flowctl.store.schema import (
    asset,
    asset_alias_asset,
    asset_event,
    asset_queue,
    asset_reference,
    asset_run_event,
    dag,
    dag_run,
    task_instance,
)
from flowctl.store.upsert import insert_missing

TURN = 0x666C6F77617374  # of PostgreSQL's advisory locks; any number that is ours
TICK = timedelta(microseconds=1)
SCHEDULE, INLET, OUTLET = "schedule", "inlet", "outlet"


class AssetError(FlowctlError):
    """Nothing can be done with an asset as asked."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update, and the task instance that made it; None for one from outside."""

    said: AssetUpdate
    ti_id: int | None = None


# ------------------------------------------------------------------------- what files say


def has_any(spec: DagSpec) -> bool:
    """Say whether a DAG describes, waits for, reads or makes assets."""
    if spec.assets or spec.schedule.condition is not None:
        return True
    return any(task.inlets or task.outlets for task in spec.tasks)


def register(conn: Connection, specs: Sequence[DagSpec], now: datetime) -> None:
    """Take over which assets these DAGs describe, wait for, read and make."""
    dag_ids = [spec.dag_id for spec in specs]
    conn.execute(delete(asset_reference).where(asset_reference.c.dag_id.in_(dag_ids)))
    described = {one.uri: one for spec in reversed(specs) for one in spec.assets}
    _describe(conn, described, now)
    rows = [row for spec in specs for row in _references(spec)]
    if rows:
        conn.execute(insert(asset_reference), rows)
    _forget_unwanted(conn, specs)


def _describe(conn: Connection, described: Mapping[str, AssetSpec], now: datetime) -> None:
    """Write the assets; one that is known takes over its new description."""
    if not described:
        return
    known = {row.uri: row for row in conn.execute(select(asset).where(asset.c.uri.in_(described)))}
    missing = [spec for uri, spec in described.items() if uri not in known]
    _add(conn, missing, now)
    for uri, row in known.items():
        spec = described[uri]
        said = {"name": spec.name, "group": spec.group, "extra": spec.extra}
        if any(getattr(row, field) != value for field, value in said.items()):
            conn.execute(update(asset).where(asset.c.id == row.id).values(updated_at=now, **said))


def _add(conn: Connection, specs: Iterable[AssetSpec], now: datetime) -> None:
    rows = [
        {
            "uri": spec.uri,
            "name": spec.name,
            "group": spec.group,
            "extra": spec.extra,
            "created_at": now,
            "updated_at": now,
        }
        for spec in sorted(specs, key=lambda spec: spec.uri)
    ]
    if rows:
        insert_missing(conn, asset, rows)


def _references(spec: DagSpec) -> list[dict[str, Any]]:
    condition = spec.schedule.condition
    found = [("", SCHEDULE, key) for key in (core.keys(condition) if condition else ())]
    for task in (task for task in spec.tasks if task.inlets or task.outlets):
        found += [(task.task_id, INLET, key) for key in _keys(task.inlets)]
        found += [(task.task_id, OUTLET, key) for key in _keys(task.outlets)]
    return [
        {"dag_id": spec.dag_id, "task_id": task_id, "role": role, "kind": kind, "key": key}
        for task_id, role, (kind, key) in found
    ]


def _keys(conditions: Iterable[Condition]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys((one.kind, one.key) for one in conditions))


def _forget_unwanted(conn: Connection, specs: Sequence[DagSpec]) -> None:
    """Take out of the queue what a DAG no longer waits for."""
    for spec in specs:
        condition = spec.schedule.condition
        wanted = set(core.keys(condition)) if condition else set()
        queued = _by_keys(conn, _queued().where(asset_queue.c.dag_id == spec.dag_id))
        gone = [asset_id for (_, asset_id), keys in queued.items() if not keys & wanted]
        if gone:
            conn.execute(
                delete(asset_queue).where(
                    asset_queue.c.dag_id == spec.dag_id, asset_queue.c.asset_id.in_(gone)
                )
            )


# -------------------------------------------------------------------------------- updates


def record(conn: Connection, updates: Sequence[Update], now: datetime) -> None:
    """Write updates, and what they mean for each DAG that waits for one of the assets."""
    if not updates:
        return
    _take_turn(conn)
    known = _known(conn, [one.said.asset for one in updates], now)
    sources = _sources(conn, [one.ti_id for one in updates if one.ti_id is not None])
    rows = [
        {
            "asset_id": known[one.said.asset.uri].id,
            "at": now,
            "extra": one.said.extra,
            "aliases": list(one.said.aliases),
            **sources.get(one.ti_id, _FROM_OUTSIDE),
        }
        for one in updates
    ]
    new = insert(asset_event).returning(asset_event.c.id, sort_by_parameter_order=True)
    ids = list(conn.execute(new, rows).scalars())
    _resolve_aliases(conn, updates, known)
    _tell_waiting(conn, dict(zip(ids, (row["asset_id"] for row in rows), strict=True)), now)


_FROM_OUTSIDE: dict[str, Any] = {
    "source_dag_id": None,
    "source_run_id": None,
    "source_task_id": None,
    "source_map_index": -1,
}


def _take_turn(conn: Connection) -> None:
    """Wait until nobody else writes events or queues; SQLite has but one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TURN})


def _known(conn: Connection, specs: Sequence[AssetSpec], now: datetime) -> dict[str, Row[Any]]:
    """Return the rows of these assets by URI; those that no file describes are made."""
    wanted = {spec.uri: spec for spec in specs}
    query = select(asset).where(asset.c.uri.in_(wanted))
    found = {row.uri: row for row in conn.execute(query)}
    if len(found) < len(wanted):
        _add(conn, (spec for uri, spec in wanted.items() if uri not in found), now)
        found = {row.uri: row for row in conn.execute(query)}
    return found


def _sources(conn: Connection, ti_ids: Sequence[int]) -> dict[int | None, dict[str, Any]]:
    if not ti_ids:
        return {}
    rows = conn.execute(
        select(
            task_instance.c.id,
            dag_run.c.dag_id,
            dag_run.c.run_id,
            task_instance.c.task_id,
            task_instance.c.map_index,
        )
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
        .where(task_instance.c.id.in_(set(ti_ids)))
    )
    return {
        row.id: {
            "source_dag_id": row.dag_id,
            "source_run_id": row.run_id,
            "source_task_id": row.task_id,
            "source_map_index": row.map_index,
        }
        for row in rows
    }


def _resolve_aliases(
    conn: Connection, updates: Sequence[Update], known: Mapping[str, Row[Any]]
) -> None:
    rows = [
        {"alias": alias, "asset_id": known[one.said.asset.uri].id}
        for one in updates
        for alias in one.said.aliases
    ]
    if rows:
        insert_missing(conn, asset_alias_asset, rows)


def _tell_waiting(conn: Connection, assets: Mapping[int, int], now: datetime) -> None:
    """Write for each event (id -> asset) which DAGs are to get it, and what is new for them."""
    waiting = conn.execute(_waiting_for(set(assets.values()))).all()
    by_asset: dict[int, list[Row[Any]]] = {}
    for row in waiting:
        by_asset.setdefault(row.asset_id, []).append(row)
    told = [
        {"event_id": event_id, "dag_id": row.dag_id}
        for event_id, asset_id in assets.items()
        for row in by_asset.get(asset_id, ())
    ]
    new = [
        {"dag_id": row.dag_id, "asset_id": row.asset_id, "created_at": now}
        for row in waiting
        if not row.is_paused
    ]
    if told:
        insert_missing(conn, asset_run_event, told)
    if new:
        insert_missing(conn, asset_queue, sorted(new, key=lambda row: str(row["dag_id"])))


def _waiting_for(asset_ids: Iterable[int]) -> Select[Any]:
    """Select the active DAGs that wait for these assets, by URI, name or alias."""
    return (
        select(asset.c.id.label("asset_id"), dag.c.dag_id, dag.c.is_paused)
        .distinct()
        .select_from(asset)
        .join(asset_reference, and_(asset_reference.c.role == SCHEDULE, is_meant()))
        .join(dag, dag.c.dag_id == asset_reference.c.dag_id)
        .where(asset.c.id.in_(set(asset_ids)), dag.c.is_active)
    )


def is_meant() -> ColumnElement[bool]:
    """Say that a row of `asset_reference` means a row of `asset`."""
    aliases = select(asset_alias_asset.c.alias).where(asset_alias_asset.c.asset_id == asset.c.id)
    reference = asset_reference.c
    return or_(
        and_(reference.kind == ASSET, reference.key == asset.c.uri),
        and_(reference.kind == NAME, reference.key == asset.c.name),
        and_(reference.kind == ALIAS, reference.key.in_(aliases)),
    )


def post(
    conn: Connection, wanted: Key, extra: Mapping[str, Any], actor: str, now: datetime
) -> Row[Any]:
    """Record an update from outside; return the asset. Wake the scheduler after the commit.

    Args:
        wanted: kind, ASSET or NAME, and key.

    Raises:
        AssetError: there is no such asset.
    """
    kind, key = wanted
    column = asset.c.uri if kind == ASSET else asset.c.name
    row = conn.execute(select(asset).where(column == key).order_by(asset.c.id)).first()
    if row is None:
        raise AssetError(f"there is no asset {key!r}; flowctl assets list shows those there are")
    spec = AssetSpec(row.uri, row.name, row.group, row.extra)
    record(conn, [Update(AssetUpdate(spec, dict(extra)))], now)
    events.record(conn, "asset.update", actor, at=now, detail={"uri": row.uri})
    return row


# ------------------------------------------------------------- what is new, and who takes it


def news(conn: Connection) -> dict[str, frozenset[Key]]:
    """Return which assets are new for which DAG, by all keys under which it may wait for them."""
    found: dict[str, frozenset[Key]] = {}
    for (dag_id, _), keys in _by_keys(conn, _queued()).items():
        found[dag_id] = found.get(dag_id, frozenset()) | keys
    return found


def _queued() -> Select[Any]:
    """Select what is new for which DAG, one row for each alias of an asset."""
    return (
        select(asset_queue, asset.c.uri, asset.c.name, asset_alias_asset.c.alias)
        .join(asset, asset.c.id == asset_queue.c.asset_id)
        .outerjoin(asset_alias_asset, asset_alias_asset.c.asset_id == asset.c.id)
    )


def _by_keys(conn: Connection, queued: Select[Any]) -> dict[tuple[str, int], set[Key]]:
    """Return the keys of what is queued, by DAG and asset."""
    found: dict[tuple[str, int], set[Key]] = {}
    for row in conn.execute(queued):
        keys = found.setdefault((row.dag_id, row.asset_id), set())
        keys |= {(ASSET, row.uri), (NAME, row.name)}
        if row.alias is not None:
            keys.add((ALIAS, row.alias))
    return found


def take(conn: Connection, owner: Dag, now: datetime) -> int | None:
    """Make the run that the updates made due, with all events that wait for it.

    Its logical date is the moment of the latest of them; its data interval covers those of the runs
    that made them.

    Returns:
        The key of the new row; None when nothing is new for the DAG any more.
    """
    _take_turn(conn)
    dag_id = owner.dag_id
    if not conn.execute(delete(asset_queue).where(asset_queue.c.dag_id == dag_id)).rowcount:
        return None
    mine = and_(asset_run_event.c.dag_id == dag_id, asset_run_event.c.dag_run_id.is_(None))
    row = conn.execute(_span().where(mine)).one()
    date = row.latest or now  # the events may be gone, cleaned away
    interval = (row.start, row.end) if row.start else (date, date)
    pk = None
    while pk is None:
        pk = runs.create(
            conn,
            graph=owner.graph,
            version_pk=owner.version_pk,
            run_id=f"{RunType.DATASET_TRIGGERED}__{date.isoformat()}",
            run_type=RunType.DATASET_TRIGGERED,
            logical_date=date,
            interval=interval,
            now=now,
            in_steps=True,
        )
        date += TICK  # for the next look, should a clock that went back give a date twice
    conn.execute(update(asset_run_event).where(mine).values(dag_run_id=pk))
    return pk


def _span() -> Select[Any]:
    """Select the latest moment of events, and the span of the data of the runs that made them."""
    event = asset_event.c
    return (
        select(
            func.max(event.at).label("latest"),
            func.min(func.coalesce(dag_run.c.data_interval_start, event.at)).label("start"),
            func.max(func.coalesce(dag_run.c.data_interval_end, event.at)).label("end"),
        )
        .select_from(asset_run_event)
        .join(asset_event, event.id == asset_run_event.c.event_id)
        .outerjoin(
            dag_run,
            and_(dag_run.c.dag_id == event.source_dag_id, dag_run.c.run_id == event.source_run_id),
        )
    )
