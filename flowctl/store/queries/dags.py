"""DAGs, their versions and their sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from flowctl.core.spec import DagSpec, decode
from flowctl.store.schema import dag, dag_run, dag_source, dag_tag, dag_version

SPECS_KEPT = 4  # a page asks again and again about the DAG that it shows


@dataclass(frozen=True)
class DagFilter:
    """Which DAGs are wanted; None and empty mean any."""

    active: bool | None = True
    paused: bool | None = None
    tags: tuple[str, ...] = ()  # at least one of them
    owner: str | None = None  # of one of its tasks
    pattern: str | None = None  # a piece of the dag id, in any case
    file: str | None = None  # relative to the DAG folder


def found(
    conn: Connection, wanted: DagFilter | None = None, limit: int | None = None, offset: int = 0
) -> Sequence[Row[Any]]:
    """Return the matching rows of `dag`, sorted by id, each with the `number` of its version."""
    return conn.execute(
        select(dag, dag_version.c.number)
        .join(dag_version, dag_version.c.id == dag.c.version_id)
        .where(*_conditions(wanted or DagFilter()))
        .order_by(dag.c.dag_id)
        .limit(limit)
        .offset(offset)
    ).all()


def count(conn: Connection, wanted: DagFilter | None = None) -> int:
    """Return how many DAGs match."""
    matching = select(func.count()).select_from(dag).where(*_conditions(wanted or DagFilter()))
    return conn.execute(matching).scalar_one()


def one(conn: Connection, dag_id: str) -> Row[Any] | None:
    """Return the row of one DAG with the `number` of its version, or None."""
    return conn.execute(
        select(dag, dag_version.c.number)
        .join(dag_version, dag_version.c.id == dag.c.version_id)
        .where(dag.c.dag_id == dag_id)
    ).one_or_none()


def tags(conn: Connection, dag_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the tags by DAG, sorted; a DAG without tags has an empty list."""
    by_dag: dict[str, list[str]] = {dag_id: [] for dag_id in dag_ids}
    rows = conn.execute(
        select(dag_tag).where(dag_tag.c.dag_id.in_(by_dag)).order_by(dag_tag.c.name)
    )
    for row in rows:
        by_dag[row.dag_id].append(row.name)
    return by_dag


def spec(conn: Connection, dag_id: str, number: int | None = None) -> DagSpec | None:
    """Return the spec of one version, by default of the present one; None when there is none."""
    wanted = select(dag_version.c.spec).where(*_version(dag_id, number))
    document = conn.execute(wanted).scalar_one_or_none()
    return None if document is None else _decoded(document)


@lru_cache(maxsize=SPECS_KEPT)
def _decoded(document: str) -> DagSpec:
    """Return what a document says; nobody changes it."""
    return decode(document)


def source(conn: Connection, dag_id: str, number: int | None = None) -> bytes | None:
    """Return the file's content in one version, by default in the present one."""
    content: bytes | None = conn.execute(
        select(dag_source.c.content)
        .join(dag_version, dag_version.c.source_hash == dag_source.c.hash)
        .where(*_version(dag_id, number))
    ).scalar_one_or_none()
    return content


def number(conn: Connection, version_id: int) -> int:
    """Return the number of a version."""
    found: int = conn.execute(
        select(dag_version.c.number).where(dag_version.c.id == version_id)
    ).scalar_one()
    return found


def sharing(conn: Connection, dag_id: str, number: int) -> list[str]:
    """Return the DAGs that the file of one version defined with it, its own included."""
    same = dag_version.alias()
    wanted = (
        select(same.c.dag_id)
        .distinct()
        .join(
            dag_version,
            and_(
                same.c.source_hash == dag_version.c.source_hash, same.c.file == dag_version.c.file
            ),
        )
        .where(*_version(dag_id, number))
        .order_by(same.c.dag_id)
    )
    return list(conn.scalars(wanted))


def versions(conn: Connection, dag_id: str) -> Sequence[Row[Any]]:
    """Return the versions of one DAG, newest first, without their specs."""
    columns = [column for column in dag_version.c if column.name != "spec"]
    return conn.execute(
        select(*columns).where(dag_version.c.dag_id == dag_id).order_by(dag_version.c.number.desc())
    ).all()


def latest_runs(conn: Connection, dag_ids: Iterable[str]) -> dict[str, Row[Any]]:
    """Return the run with the latest logical date by DAG; DAGs without a run are left out."""
    latest = (
        select(dag_run.c.dag_id, func.max(dag_run.c.logical_date).label("logical_date"))
        .where(dag_run.c.dag_id.in_(list(dag_ids)))
        .group_by(dag_run.c.dag_id)
        .subquery()
    )
    same = and_(
        dag_run.c.dag_id == latest.c.dag_id, dag_run.c.logical_date == latest.c.logical_date
    )
    rows = conn.execute(select(dag_run).join(latest, same).order_by(dag_run.c.id))
    return {row.dag_id: row for row in rows}


def _version(dag_id: str, number: int | None) -> list[ColumnElement[bool]]:
    if number is None:
        present = select(dag.c.version_id).where(dag.c.dag_id == dag_id).scalar_subquery()
        return [dag_version.c.id == present]
    return [dag_version.c.dag_id == dag_id, dag_version.c.number == number]


def _conditions(wanted: DagFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.active is not None:
        conditions.append(dag.c.is_active == wanted.active)
    if wanted.paused is not None:
        conditions.append(dag.c.is_paused == wanted.paused)
    if wanted.tags:
        tagged = select(dag_tag.c.dag_id).where(dag_tag.c.name.in_(wanted.tags))
        conditions.append(dag.c.dag_id.in_(tagged))
    if wanted.owner is not None:  # the column lists them as "ann, bob"
        listed = ", " + dag.c.owners + ","
        conditions.append(listed.contains(f", {wanted.owner},", autoescape=True))
    if wanted.pattern is not None:
        conditions.append(dag.c.dag_id.icontains(wanted.pattern, autoescape=True))
    if wanted.file is not None:
        conditions.append(dag.c.file == wanted.file)
    return conditions
