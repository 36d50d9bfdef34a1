"""The specs of DAG versions as they are stored, for those who decode only a part."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from flowctl.store.schema import dag_version


def documents(conn: Connection, pks: Iterable[int]) -> dict[int, str]:
    """Return the JSON of versions, by the keys of their rows."""
    wanted = select(dag_version.c.id, dag_version.c.spec).where(dag_version.c.id.in_(list(pks)))
    return {row.id: row.spec for row in conn.execute(wanted)}
