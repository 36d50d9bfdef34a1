"""Which runs are history, and how do they go, with all that belongs to them?

Never one that the future leans on: the newest of a DAG, from which its schedule goes on, the one
before an unfinished run, at which `depends_on_past` looks, those of an open backfill.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from flowctl.core.retention import Policy
from flowctl.core.states import UNFINISHED_RUN, RunType
from flowctl.store.old_rows import Gone, Page, Place, allowed, named_old
from flowctl.store.schema import Moment, backfill, callback, dag, dag_run, task_instance, xcom

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
TASKS_MIN = 5  # of most runs; no more runs are asked about than the step can delete


_NEWER, _NTH, _LATER, _FOLLOWING = (
    dag_run.alias(name) for name in ("newer", "nth", "later", "following")
)


@lru_cache(maxsize=1)
def _is_history(policy: Policy) -> ColumnElement[bool]:
    """Return what says that a run has ended and nothing will ask for it again."""
    run = named_old(dag_run)
    return and_(
        is_finished(run),
        run.c.held_by.is_(None),
        ~exists().where(callback.c.dag_run_id == run.c.id),
        ~exists().where(backfill.c.id == run.c.backfill_id, backfill.c.completed_at.is_(None)),
        or_(_is_of_gone(run, policy), _is_followed(run, policy.limits.runs_kept)),
        ~_is_leant_on(run),
    )


def is_finished(run: FromClause) -> ColumnElement[bool]:
    """Say that a run has ended."""
    return run.c.state.not_in(UNFINISHED_RUN)


def _is_of_gone(run: FromClause, policy: Policy) -> ColumnElement[bool]:
    """Say that no file has defined its DAG for long."""
    return exists().where(dag.c.dag_id == run.c.dag_id, *long_gone(policy))


def long_gone(policy: Policy) -> list[ColumnElement[bool]]:
    """Say of `dag` that no file has defined it for long."""
    before = policy.before("dag")
    return [false()] if before is None else [~dag.c.is_active, dag.c.parsed_at < before]


def _is_followed(run: FromClause, kept: int) -> ColumnElement[bool]:
    """Say that the DAG has as many newer runs, and an automated one in place of an automated."""
    oldest_kept = (
        select(_NTH.c.logical_date)
        .where(_NTH.c.dag_id == run.c.dag_id)
        .order_by(_NTH.c.logical_date.desc())
        .offset(kept - 1)
        .limit(1)
        .scalar_subquery()
    )
    is_replaced = exists().where(_after(_NEWER, run), _takes_place_of(_NEWER, run))
    return and_(run.c.logical_date < oldest_kept, is_replaced)


def _is_leant_on(run: FromClause) -> ColumnElement[bool]:
    """Say that an unfinished run comes after this one, and none between that takes its place.

    Asked by the date of the next run that does, so that it costs two looks into an index, however
    long the history is.
    """
    next_date = (
        select(_FOLLOWING.c.logical_date)
        .where(_after(_FOLLOWING, run), _takes_place_of(_FOLLOWING, run))
        .order_by(_FOLLOWING.c.logical_date)
        .limit(1)
        .correlate(run)
        .scalar_subquery()
    )
    is_near = _LATER.c.logical_date <= func.coalesce(next_date, literal(NEVER, Moment()))
    return exists().where(_after(_LATER, run), ~is_finished(_LATER), is_near).correlate(run)


def _after(later: FromClause, run: FromClause) -> ColumnElement[bool]:
    return and_(later.c.dag_id == run.c.dag_id, later.c.logical_date > run.c.logical_date)


def _takes_place_of(other: FromClause, run: FromClause) -> ColumnElement[bool]:
    return or_(run.c.run_type == RunType.MANUAL.value, other.c.run_type != RunType.MANUAL.value)


def _old_runs(
    conn: Connection, before: datetime, after: Place | None, rows_max: int
) -> tuple[Sequence[Any], Place | None]:
    """Return runs in the order in which they ended, and where to look on."""
    ended = select(dag_run.c.id, dag_run.c.dag_id, dag_run.c.end_date)
    ended = ended.where(dag_run.c.end_date < before)
    if after is not None:
        ended = ended.where(tuple_(dag_run.c.end_date, dag_run.c.id) > tuple_(*_typed(after)))
    rows = conn.execute(ended.order_by(dag_run.c.end_date, dag_run.c.id).limit(rows_max)).all()
    return rows, (rows[-1].end_date, rows[-1].id) if len(rows) == rows_max else None


def _typed(after: Place) -> tuple[ColumnElement[Any], ...]:
    moment, pk = after
    return literal(moment, Moment()), literal(pk)


def by_age(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
    """Look at some runs that ended long ago."""
    before = policy.any_run_before
    if before is None:
        return Page()
    rows, after = _old_runs(conn, before, after, rows_max)
    old = [row.id for row in rows if policy.is_old_run(row.dag_id, row.end_date)]
    return Page(allowed(conn, dag_run, old, _is_history(policy)), after)


def by_count(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
    """Look at the oldest runs of one DAG; a place is a DAG, and a date and run of it."""
    dag_id, *place = after or ("",)
    if not place:
        following = select(func.min(dag.c.dag_id)).where(dag.c.dag_id > dag_id)
        dag_id = conn.execute(following).scalar_one()
        if dag_id is None:
            return Page()
    runs_max = policy.runs_max(dag_id)
    of_dag = select(dag_run.c.logical_date).where(dag_run.c.dag_id == dag_id)
    newest_first = of_dag.order_by(dag_run.c.logical_date.desc())
    last = conn.scalar(newest_first.offset(runs_max).limit(1)) if runs_max else None
    if last is None:
        return Page((), (dag_id,))
    wanted = of_dag.add_columns(dag_run.c.id, dag_run.c.end_date)
    wanted = wanted.where(dag_run.c.logical_date <= last)
    if place:
        wanted = wanted.where(
            tuple_(dag_run.c.logical_date, dag_run.c.id) > tuple_(*_typed(tuple(place)))
        )
    in_order = wanted.order_by(dag_run.c.logical_date, dag_run.c.id)
    rows = conn.execute(in_order.limit(rows_max)).all()
    surplus = [
        row.id
        for row in rows
        if row.end_date is not None and not policy.is_old_run(dag_id, row.end_date)
    ]
    rest = (rows[-1].logical_date, rows[-1].id) if len(rows) == rows_max else ()
    return Page(allowed(conn, dag_run, surplus, _is_history(policy)), (dag_id, *rest))


def delete_runs(conn: Connection, policy: Policy, keys: Sequence[int], rows_max: int) -> Gone:
    """Delete runs with as many task instances at most; what is locked waits for another time."""
    old = named_old(dag_run)
    wanted = select(old.c.id, old.c.dag_id, old.c.run_id).where(old.c.id.in_(keys))
    held = wanted.where(_is_history(policy)).with_for_update(of=old, skip_locked=True)
    few = held.order_by(old.c.id).limit(runs_max := rows_max // TASKS_MIN + 1)
    found = {row.id: (row.dag_id, row.run_id) for row in conn.execute(few)}
    are_all = len(found) < runs_max
    inner = select(task_instance.c.id, task_instance.c.dag_run_id)
    inner = inner.where(task_instance.c.dag_run_id.in_(list(found))).limit(rows_max + 1)
    tasks = conn.execute(inner.order_by(task_instance.c.dag_run_id)).all()
    is_all = are_all and len(tasks) <= rows_max
    if len(tasks) > rows_max:  # the last of them may have more
        found = {pk: run for pk, run in found.items() if pk < tasks[-1].dag_run_id}
        tasks = tasks[:-1]
    ids = [row.id for row in tasks]
    conn.execute(delete(task_instance).where(task_instance.c.id.in_(ids)))
    conn.execute(delete(dag_run).where(dag_run.c.id.in_(list(found))))
    return Gone("", len(found), list(found.values()), is_all)


def xcoms(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
    """Look for old runs that left some; a key is that of a run."""
    before = policy.before("xcom")
    if before is None:
        return Page()
    rows, after = _old_runs(conn, before, after, rows_max)
    ids = [row.id for row in rows]
    left_some = select(task_instance.c.dag_run_id).distinct().where(*_of_runs(ids))
    return Page(list(conn.scalars(left_some)), after)


def _of_runs(keys: Sequence[int]) -> list[ColumnElement[bool]]:
    return [xcom.c.ti_id == task_instance.c.id, task_instance.c.dag_run_id.in_(keys)]


def delete_xcoms(conn: Connection, _: Policy, keys: Sequence[int], rows_max: int) -> Gone:
    """Delete XComs of runs that have not been cleared since."""
    open_ones = select(dag_run.c.id).where(dag_run.c.id.in_(keys), ~is_finished(dag_run))
    found = (
        select(xcom.c.ti_id, xcom.c.key)
        .where(*_of_runs(keys), task_instance.c.dag_run_id.not_in(open_ones))
        .limit(rows_max)
        .subquery()
    )
    pairs = select(found.c.ti_id, found.c.key)
    rows = conn.execute(delete(xcom).where(tuple_(xcom.c.ti_id, xcom.c.key).in_(pairs))).rowcount
    return Gone("", rows, (), is_all=rows < rows_max)


def count_xcoms(conn: Connection, keys: Sequence[int]) -> int:
    """Count the XComs of runs."""
    return conn.execute(select(func.count()).select_from(xcom).where(*_of_runs(keys))).scalar_one()
