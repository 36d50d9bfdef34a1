"""Runs of DAGs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from flowctl.store.batches import batches
from flowctl.store.schema import dag_run, dag_version


@dataclass(frozen=True)
class RunFilter:
    """Which runs are wanted; None and empty mean any."""

    dag_id: str | None = None
    states: tuple[str, ...] = ()
    run_types: tuple[str, ...] = ()
    since: datetime | None = None  # logical dates from this one, included
    until: datetime | None = None  # to this one, included


def found(
    conn: Connection, wanted: RunFilter | None = None, limit: int | None = None, offset: int = 0
) -> Sequence[Row[Any]]:
    """Return the matching runs, latest logical date first, each with its version's `number`."""
    return conn.execute(
        select(dag_run, dag_version.c.number)
        .join(dag_version, dag_version.c.id == dag_run.c.version_id)
        .where(*_conditions(wanted or RunFilter()))
        .order_by(dag_run.c.logical_date.desc(), dag_run.c.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def count(conn: Connection, wanted: RunFilter | None = None) -> int:
    """Return how many runs match."""
    matching = select(func.count()).select_from(dag_run).where(*_conditions(wanted or RunFilter()))
    return conn.execute(matching).scalar_one()


def one(conn: Connection, dag_id: str, run_id: str) -> Row[Any] | None:
    """Return one run by its id, or None."""
    return conn.execute(
        select(dag_run).where(dag_run.c.dag_id == dag_id, dag_run.c.run_id == run_id)
    ).one_or_none()


def at(conn: Connection, dag_id: str, logical_date: datetime) -> Row[Any] | None:
    """Return the run with this logical date, the newest if there are several, or None."""
    return conn.execute(
        select(dag_run)
        .where(dag_run.c.dag_id == dag_id, dag_run.c.logical_date == logical_date)
        .order_by(dag_run.c.id.desc())
        .limit(1)
    ).one_or_none()


def known_ids(conn: Connection, dag_ids: Sequence[str], run_ids: Sequence[str]) -> set[str]:
    """Return those of these run ids that one of these DAGs has a run of."""
    return set(
        conn.scalars(
            select(dag_run.c.run_id).where(
                dag_run.c.dag_id.in_(dag_ids), dag_run.c.run_id.in_(run_ids)
            )
        )
    )


def latest(conn: Connection, dag_id: str) -> Row[Any] | None:
    """Return the run with the latest logical date, or None when there is no run."""
    rows = found(conn, RunFilter(dag_id), limit=1)
    return rows[0] if rows else None


def _conditions(wanted: RunFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.dag_id is not None:
        conditions.append(dag_run.c.dag_id == wanted.dag_id)
    if wanted.states:
        conditions.append(dag_run.c.state.in_(wanted.states))
    if wanted.run_types:
        conditions.append(dag_run.c.run_type.in_(wanted.run_types))
    if wanted.since is not None:
        conditions.append(dag_run.c.logical_date >= wanted.since)
    if wanted.until is not None:
        conditions.append(dag_run.c.logical_date <= wanted.until)
    return conditions


def by_key(conn: Connection, pk: int) -> Row[Any]:
    """Return one run by the key of its row."""
    return conn.execute(select(dag_run).where(dag_run.c.id == pk)).one()


def newest(conn: Connection, dag_id: str) -> Row[Any] | None:
    """Return the run that was made last, or None when there is no run."""
    return conn.execute(
        select(dag_run).where(dag_run.c.dag_id == dag_id).order_by(dag_run.c.id.desc()).limit(1)
    ).one_or_none()


def dates(conn: Connection, pks: Iterable[int]) -> dict[int, datetime]:
    """Return the logical dates of runs, by the keys of their rows."""
    found: dict[int, datetime] = {}
    for wanted in batches(pks):
        rows = conn.execute(
            select(dag_run.c.id, dag_run.c.logical_date).where(dag_run.c.id.in_(wanted))
        )
        found |= {row.id: row.logical_date for row in rows}
    return found
