"""What active DAGs say of assets and of each other."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from flowctl.store.schema import asset_reference, dag, dag_version

Readable = Collection[str] | None


def references(conn: Connection, readable: Readable) -> Sequence[Row[Any]]:
    """Return which DAGs wait for, read and update which assets."""
    return conn.execute(
        select(asset_reference)
        .join(dag, dag.c.dag_id == asset_reference.c.dag_id)
        .where(*_wanted(readable))
        .order_by(asset_reference.c.dag_id, asset_reference.c.id)
    ).all()


def specs(conn: Connection, readable: Readable) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the documents of these DAGs, by id."""
    return conn.execute(
        select(dag.c.dag_id, dag.c.display_name, dag_version.c.spec)
        .join(dag_version, dag_version.c.id == dag.c.version_id)
        .where(*_wanted(readable))
        .order_by(dag.c.dag_id)
    ).all()


def _wanted(readable: Readable) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [dag.c.is_active]
    return conditions if readable is None else [*conditions, dag.c.dag_id.in_(readable)]
