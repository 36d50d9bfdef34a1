"""Assets and their events, to look at."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, select

from flowctl.authoring.ports import AssetEventRow, AssetQuery, AssetRow, RunRow
from flowctl.core.assets import ALIAS, ASSET
from flowctl.store.assets import is_meant
from flowctl.store.schema import (
    asset,
    asset_alias_asset,
    asset_event,
    asset_queue,
    asset_reference,
    asset_run_event,
    dag,
    dag_run,
)


def found(conn: Connection, query: AssetQuery) -> list[AssetRow]:
    """Return the assets that match, by URI."""
    rows = conn.execute(select(asset).where(*_assets(query)).order_by(asset.c.uri))
    return [AssetRow(row.uri, row.name, row.group, row.extra) for row in rows]


def _assets(query: AssetQuery) -> list[ColumnElement[bool]]:
    if query.uri is not None:
        return [asset.c.uri == query.uri]
    if query.name is not None:
        return [asset.c.name == query.name]
    if query.alias is None:
        return []
    through = select(asset_alias_asset.c.asset_id).where(asset_alias_asset.c.alias == query.alias)
    return [asset.c.id.in_(through)]


def events(conn: Connection, query: AssetQuery) -> list[AssetEventRow]:
    """Return the events that match, the oldest first unless the query says otherwise."""
    order = asset_event.c.id.desc() if query.newest_first else asset_event.c.id
    rows = conn.execute(
        _events().where(*_conditions(query)).order_by(order).limit(_limit(query))
    ).all()
    found = [_event(row) for row in rows if _is_through(row, query)]
    return found[: query.limit]


def _limit(query: AssetQuery) -> int | None:
    return query.limit if query.alias is None else None  # aliases are sorted out afterwards


def _is_through(row: Row[Any], query: AssetQuery) -> bool:
    if query.alias is None or query.run_pk is not None:
        return True
    return query.alias in row.aliases


def _conditions(query: AssetQuery) -> list[ColumnElement[bool]]:
    if query.run_pk is not None:
        taken = select(asset_run_event.c.event_id)
        return [asset_event.c.id.in_(taken.where(asset_run_event.c.dag_run_id == query.run_pk))]
    conditions = _assets(query)
    if query.after is not None:
        conditions.append(asset_event.c.at >= query.after)
    if query.before is not None:
        conditions.append(asset_event.c.at < query.before)
    return conditions


def _events() -> Select[Any]:
    source = and_(
        dag_run.c.dag_id == asset_event.c.source_dag_id,
        dag_run.c.run_id == asset_event.c.source_run_id,
    )
    of_asset = [asset.c.uri, asset.c.name, asset.c.group, asset.c.extra.label("asset_extra")]
    of_run = [column.label(f"run_{column.name}") for column in dag_run.c if column.name in _RUN]
    return (
        select(asset_event, *of_asset, *of_run)
        .join(asset, asset.c.id == asset_event.c.asset_id)
        .outerjoin(dag_run, source)
    )


_RUN = set(RunRow.__struct_fields__)


def _event(row: Row[Any]) -> AssetEventRow:
    values = row._mapping
    run = {name: values[f"run_{name}"] for name in _RUN}
    return AssetEventRow(
        id=row.id,
        asset=AssetRow(row.uri, row.name, row.group, row.asset_extra),
        at=row.at,
        extra=row.extra,
        source_dag_id=row.source_dag_id,
        source_run_id=row.source_run_id,
        source_task_id=row.source_task_id,
        source_map_index=row.source_map_index,
        source_run=RunRow(**run) if row.run_run_id else None,
        aliases=row.aliases,
    )


def listed(conn: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the assets that a DAG of today names, by URI, with the moment of the last event."""
    last = (
        select(func.max(asset_event.c.at))
        .where(asset_event.c.asset_id == asset.c.id)
        .scalar_subquery()
    )
    named = exists(
        select(asset_reference.c.id)
        .join(dag, dag.c.dag_id == asset_reference.c.dag_id)
        .where(dag.c.is_active, is_meant())
    )
    return conn.execute(
        select(asset, last.label("last_event_at")).where(named).order_by(asset.c.uri)
    ).all()


def aliases(conn: Connection) -> dict[str, list[str]]:
    """Return the URIs of the assets updated through each alias that a DAG of today names."""
    names = conn.scalars(
        select(asset_reference.c.key)
        .distinct()
        .join(dag, dag.c.dag_id == asset_reference.c.dag_id)
        .where(dag.c.is_active, asset_reference.c.kind == ALIAS)
        .order_by(asset_reference.c.key)
    )
    return {name: [row.uri for row in found(conn, AssetQuery(alias=name))] for name in names}


def references(conn: Connection, asset_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return which active DAGs name an asset: dag_id, task_id, role, kind, key."""
    return conn.execute(
        select(asset_reference)
        .select_from(asset)
        .join(asset_reference, is_meant())
        .join(dag, dag.c.dag_id == asset_reference.c.dag_id)
        .where(asset.c.id == asset_id, dag.c.is_active)
        .order_by(asset_reference.c.role, asset_reference.c.dag_id, asset_reference.c.task_id)
    ).all()


def queued(conn: Connection, dag_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the assets that are new for a DAG: uri, name, created_at."""
    return conn.execute(
        select(asset.c.uri, asset.c.name, asset_queue.c.created_at)
        .join(asset_queue, asset_queue.c.asset_id == asset.c.id)
        .where(asset_queue.c.dag_id == dag_id)
        .order_by(asset.c.uri)
    ).all()


def one(conn: Connection, kind: str, key: str) -> Row[*tuple[Any, ...]] | None:
    """Return the asset of a URI or a name, None when there is none."""
    column = asset.c.uri if kind == ASSET else asset.c.name
    return conn.execute(select(asset).where(column == key).order_by(asset.c.id)).first()


def run(conn: Connection, pk: int) -> Row[*tuple[Any, ...]]:
    """Return one run."""
    return conn.execute(select(dag_run).where(dag_run.c.id == pk)).one()
