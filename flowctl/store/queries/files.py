"""DAG files: how they were parsed, and what is wrong with them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from flowctl.store.schema import dag, dag_file, dag_tag


def parsed(conn: Connection) -> Sequence[Row[Any]]:
    """Return every known DAG file with its duration and number of DAGs, slowest first."""
    return conn.execute(
        select(dag_file).order_by(dag_file.c.duration_s.desc(), dag_file.c.path)
    ).all()


def import_errors(conn: Connection) -> Sequence[Row[Any]]:
    """Return the files that could not be parsed, sorted by path."""
    return conn.execute(
        select(dag_file).where(dag_file.c.error.is_not(None)).order_by(dag_file.c.path)
    ).all()


def dag_ids(conn: Connection, path: str) -> list[str]:
    """Return the active DAGs that one file defines, sorted."""
    wanted = select(dag.c.dag_id).where(dag.c.file == path, dag.c.is_active.is_(True))
    return list(conn.scalars(wanted.order_by(dag.c.dag_id)))


def tag_counts(conn: Connection) -> dict[str, int]:
    """Return how many active DAGs carry each tag."""
    rows = conn.execute(
        select(dag_tag.c.name, func.count().label("found"))
        .join(dag, dag.c.dag_id == dag_tag.c.dag_id)
        .where(dag.c.is_active.is_(True))
        .group_by(dag_tag.c.name)
        .order_by(dag_tag.c.name)
    )
    return {row.name: row.found for row in rows}


def parse_again(conn: Connection, path: str) -> bool:
    """Have one file parsed again, although it did not change; say whether it is known."""
    forgotten = update(dag_file).where(dag_file.c.path == path).values(fingerprint="")
    return bool(conn.execute(forgotten).rowcount)
