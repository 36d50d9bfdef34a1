"""Versions of DAGs that no run has, and DAGs that no file defines."""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    delete,
    exists,
    func,
    select,
    true,
)

from flowctl.core.retention import Policy
from flowctl.store.old_rows import Gone, Page, Place, allowed, named_old
from flowctl.store.old_runs import long_gone
from flowctl.store.schema import dag, dag_file, dag_run, dag_source, dag_version


def versions(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
    """Look at some versions: which are old or too many, and of no run?"""
    before, versions_max = policy.before("dag_version"), policy.limits.versions_max
    columns = (dag_version.c.id, dag_version.c.dag_id, dag_version.c.number)
    wanted = select(*columns, dag_version.c.created_at).order_by(dag_version.c.id).limit(rows_max)
    rows = conn.execute(wanted.where(dag_version.c.id > after[0] if after else true())).all()
    newest = _newest_versions(conn, {row.dag_id for row in rows})
    too_many = [
        row.id for row in rows if versions_max and row.number <= newest[row.dag_id] - versions_max
    ]
    old = [row.id for row in rows if before is not None and row.created_at < before]
    ids = sorted({*too_many, *old})
    place = (rows[-1].id,) if len(rows) == rows_max else None
    return Page(allowed(conn, dag_version, ids, _is_unused(named_old(dag_version))), place)


def _newest_versions(conn: Connection, dag_ids: Iterable[str]) -> dict[str, int]:
    newest = select(dag_version.c.dag_id, func.max(dag_version.c.number))
    of_them = newest.where(dag_version.c.dag_id.in_(dag_ids)).group_by(dag_version.c.dag_id)
    return dict(conn.execute(of_them).all())


def _is_unused(version: FromClause) -> ColumnElement[bool]:
    """Say that it is neither the present one of its DAG nor that of a run."""
    has_run = exists().where(dag_run.c.version_id == version.c.id)
    return and_(version.c.id.not_in(select(dag.c.version_id)), ~has_run)


def delete_versions(conn: Connection, _: Policy, keys: Sequence[int], __: int) -> Gone:
    """Delete versions, and sources of which they were the last."""
    unused = dag_version.c.id.in_(keys) & _is_unused(dag_version)
    gone = conn.execute(delete(dag_version).where(unused).returning(dag_version.c.source_hash))
    hashes = list(gone.scalars())
    still = select(dag_file.c.source_hash).where(dag_file.c.source_hash.in_(hashes))
    conn.execute(
        delete(dag_source).where(
            dag_source.c.hash.in_(hashes),
            dag_source.c.hash.not_in(still),
            ~exists().where(dag_version.c.source_hash == dag_source.c.hash),
        )
    )
    return Gone("", len(hashes))


def dags(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
    """Look at some DAGs that no file has defined for long, and that have no runs."""
    wanted = select(dag.c.dag_id).where(*_gone_without_runs(policy)).order_by(dag.c.dag_id)
    wanted = wanted.where(dag.c.dag_id > (after or ("",))[0]).limit(rows_max)
    found = list(conn.scalars(wanted))
    return Page(found, (found[-1],) if len(found) == rows_max else None)


def _gone_without_runs(policy: Policy) -> list[ColumnElement[bool]]:
    return [*long_gone(policy), ~exists().where(dag_run.c.dag_id == dag.c.dag_id)]


def delete_dags(conn: Connection, policy: Policy, keys: Sequence[str], rows_max: int) -> Gone:
    """Delete DAGs, with all that belongs to them; their audit rows stay."""
    unused = delete(dag).where(dag.c.dag_id.in_(keys), *_gone_without_runs(policy))
    gone = list(conn.execute(unused.returning(dag.c.dag_id)).scalars())
    versions = select(dag_version.c.id).where(dag_version.c.dag_id.in_(gone))
    delete_versions(conn, policy, list(conn.scalars(versions)), rows_max)
    return Gone("", len(gone))
