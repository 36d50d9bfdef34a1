"""Which watchers update an asset, and who runs them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from flowctl.store.assets import SCHEDULE, is_meant
from flowctl.store.schema import asset, asset_reference, asset_watcher, dag, process


def of_asset(conn: Connection, asset_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the watchers of an asset that active DAGs describe, by name.

    Columns: those of the table, `asset_name`; `host`, `pid`, `seen_at` and `ended_at` of the
    triggerer, None: nobody has it yet. A row that says what an older one says is run by nobody.
    """
    return _watchers(conn, asset_watcher.c.asset_id == asset_id)


def of_dag(conn: Connection, dag_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the watchers of the assets that a DAG waits for, as `of_asset`."""
    waited_for = (
        select(asset.c.id)
        .select_from(asset)
        .join(asset_reference, is_meant())
        .where(asset_reference.c.dag_id == dag_id, asset_reference.c.role == SCHEDULE)
    )
    return _watchers(conn, asset_watcher.c.asset_id.in_(waited_for))


def _watchers(conn: Connection, which: ColumnElement[bool]) -> Sequence[Row[*tuple[Any, ...]]]:
    of_triggerer = (process.c.host, process.c.pid, process.c.seen_at, process.c.ended_at)
    rows = conn.execute(
        select(asset_watcher, asset.c.name.label("asset_name"), *of_triggerer)
        .join(dag, dag.c.dag_id == asset_watcher.c.dag_id)
        .join(asset, asset.c.id == asset_watcher.c.asset_id)
        .outerjoin(process, process.c.id == asset_watcher.c.holder)
        .where(which, dag.c.is_active)
        .order_by(asset_watcher.c.name, asset_watcher.c.id.desc())
    )
    same = {(row.asset_id, row.digest): row for row in rows}  # the oldest is the one that runs
    return list(same.values())
