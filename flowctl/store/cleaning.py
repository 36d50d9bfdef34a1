"""Deleting what is old or too much: finished runs, XComs, versions, audit rows ...

What that is, a `core.retention.Policy` says. Here it is found and deleted, by the scheduler now and
then and by `flowctl db clean`, with one `Sweep` each. With a run goes all that belongs to it:
tasks, tries, XComs, deferrals.

Never what is unfinished or held, and of runs never one that the future leans on: the newest of a
DAG, from which its schedule goes on, the one before an unfinished run, at which `depends_on_past`
looks, those of an open backfill. Of an asset the latest update stays, which `inlet_events` show,
and what a run has yet to see. Sessions are not here: each login deletes those that are over. Nor
are files: a row of `dag_file` goes with its file. Log files are swept by `runner.log_files`.

Work comes in small steps, each bounded in the rows that it looks at and that it deletes, so that
nobody waits long for a writer. A run of many tasks loses them over several steps before it goes
itself; what is deleted is asked again in the transaction that deletes it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
)

from flowctl.core.retention import PARTS as NAMES
from flowctl.core.retention import Policy, Retention
from flowctl.core.states import UNFINISHED_RUN, RunType
from flowctl.store.schema import (
    UNFINISHED_RUNS,
    Moment,
    asset_event,
    asset_run_event,
    backfill,
    callback,
    dag,
    dag_file,
    dag_run,
    dag_source,
    dag_version,
    event,
    process,
    task_instance,
    token,
    xcom,
)

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
TASKS_MIN = 5  # of most runs; no more runs are asked about than the step can delete
ROWS_MAX = 500  # of one step of `flowctl db clean`: some 30 ms

Condition = Callable[[FromClause], ColumnElement[bool]]
Place = tuple[Any, ...]  # the row that was looked at last


class Page(NamedTuple):
    """What a look at some rows found."""

    keys: Sequence[Any] = ()  # of those that may go
    after: Place | None = None  # where to look on; None: that was all


class Gone(NamedTuple):
    """What was deleted in one step."""

    part: str = ""
    rows: int = 0
    runs: Sequence[tuple[str, str]] = ()  # DAG and id of those among them that were runs
    is_all: bool = True  # that was asked for; what is left takes another step


Look = Callable[[Connection, Policy, Place | None, int], Page]


class Part(NamedTuple):
    """One kind of rows that can be cleaned."""

    about: str
    looks: tuple[Look, ...]
    delete: Callable[[Connection, Policy, Sequence[Any], int], Gone]
    rows: Callable[[Connection, Sequence[Any]], int] = lambda _, keys: len(keys)


class Sweep:
    """Goes once over all rows of some parts: `look`, and `delete` what was found, until the end."""

    def __init__(self, policy: Policy, parts: Iterable[str] = NAMES) -> None:
        self._policy = policy
        self._left = [(name, look) for name in parts for look in PARTS[name].looks]
        self._after: Place | None = None
        self._page = Page()

    @property
    def is_over(self) -> bool:
        """Say whether everything was looked at, and deleted where it may go."""
        return not self._left

    def look(self, conn: Connection, rows_max: int) -> bool:
        """Look at some more rows; say whether some of them may go."""
        _, look = self._left[0]
        self._page = look(conn, self._policy, self._after, rows_max)
        if not self._page.keys:
            self._go_on()
        return bool(self._page.keys)

    def count(self, conn: Connection) -> Gone:
        """Count what was found, and leave it there."""
        name, keys = self._left[0][0], self._page.keys
        self._go_on()
        return Gone(name, PARTS[name].rows(conn, keys))

    def delete(self, conn: Connection, rows_max: int) -> Gone:
        """Delete what was found and may still go; a part of it where that is very much."""
        name = self._left[0][0]
        gone = PARTS[name].delete(conn, self._policy, self._page.keys, rows_max)
        if gone.is_all:
            self._go_on()
        return gone._replace(part=name)

    def _go_on(self) -> None:
        self._after = self._page.after
        if self._after is None:
            del self._left[0]


def policies_of_dags(conn: Connection) -> dict[str, Retention]:
    """Return what DAGs say of their history, of those that do."""
    rows = conn.execute(select(dag.c.dag_id, dag.c.retention).where(dag.c.retention.is_not(None)))
    return {dag_id: msgspec.convert(said, Retention) for dag_id, said in rows}


def unfinished_runs(conn: Connection) -> list[tuple[str, str]]:
    """Return DAG and id of the runs that may still write to their logs."""
    runs = select(dag_run.c.dag_id, dag_run.c.run_id).where(text(UNFINISHED_RUNS))
    return [(row.dag_id, row.run_id) for row in conn.execute(runs)]


# ------------------------------------------------------------------ which runs may go


@cache
def _old(table: Table) -> FromClause:
    """Return a table under the name that conditions are about; made once, it takes 0.5 ms."""
    return table.alias("old")


_NEWER, _NTH, _LATER, _FOLLOWING = (
    dag_run.alias(name) for name in ("newer", "nth", "later", "following")
)


@lru_cache(maxsize=1)
def _is_history(policy: Policy) -> ColumnElement[bool]:
    """Return what says that a run has ended and nothing will ask for it again."""
    run = _old(dag_run)
    return and_(
        _is_finished(run),
        run.c.held_by.is_(None),
        ~exists().where(callback.c.dag_run_id == run.c.id),
        ~exists().where(backfill.c.id == run.c.backfill_id, backfill.c.completed_at.is_(None)),
        or_(_is_of_gone(run, policy), _is_followed(run, policy.limits.runs_kept)),
        ~_is_leant_on(run),
    )


def _is_finished(run: FromClause) -> ColumnElement[bool]:
    return run.c.state.not_in(UNFINISHED_RUN)


def _is_of_gone(run: FromClause, policy: Policy) -> ColumnElement[bool]:
    """Say that no file has defined its DAG for long."""
    return exists().where(dag.c.dag_id == run.c.dag_id, *_long_gone(policy))


def _long_gone(policy: Policy) -> list[ColumnElement[bool]]:
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
    return exists().where(_after(_LATER, run), ~_is_finished(_LATER), is_near).correlate(run)


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


def _runs_by_age(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
    before = policy.any_run_before
    if before is None:
        return Page()
    rows, after = _old_runs(conn, before, after, rows_max)
    old = [row.id for row in rows if policy.is_old_run(row.dag_id, row.end_date)]
    return Page(_that(conn, dag_run, old, _is_history(policy)), after)


def _runs_by_count(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
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
    return Page(_that(conn, dag_run, surplus, _is_history(policy)), (dag_id, *rest))


def _delete_runs(conn: Connection, policy: Policy, keys: Sequence[int], rows_max: int) -> Gone:
    """Delete runs with as many task instances at most; what is locked waits for another time."""
    old = _old(dag_run)
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


# ------------------------------------------------------------------ XComs of old runs


def _xcoms(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
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


def _delete_xcoms(conn: Connection, _: Policy, keys: Sequence[int], rows_max: int) -> Gone:
    open_ones = select(dag_run.c.id).where(dag_run.c.id.in_(keys), ~_is_finished(dag_run))
    found = (
        select(xcom.c.ti_id, xcom.c.key)
        .where(*_of_runs(keys), task_instance.c.dag_run_id.not_in(open_ones))
        .limit(rows_max)
        .subquery()
    )
    pairs = select(found.c.ti_id, found.c.key)
    rows = conn.execute(delete(xcom).where(tuple_(xcom.c.ti_id, xcom.c.key).in_(pairs))).rowcount
    return Gone("", rows, (), is_all=rows < rows_max)


def _count_xcoms(conn: Connection, keys: Sequence[int]) -> int:
    return conn.execute(select(func.count()).select_from(xcom).where(*_of_runs(keys))).scalar_one()


# ------------------------------------------------------------------ versions and DAGs of nobody


def _versions(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
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
    return Page(_that(conn, dag_version, ids, _is_unused(_old(dag_version))), place)


def _newest_versions(conn: Connection, dag_ids: Iterable[str]) -> dict[str, int]:
    newest = select(dag_version.c.dag_id, func.max(dag_version.c.number))
    of_them = newest.where(dag_version.c.dag_id.in_(dag_ids)).group_by(dag_version.c.dag_id)
    return dict(conn.execute(of_them).all())


def _is_unused(version: FromClause) -> ColumnElement[bool]:
    """Say that it is neither the present one of its DAG nor that of a run."""
    has_run = exists().where(dag_run.c.version_id == version.c.id)
    return and_(version.c.id.not_in(select(dag.c.version_id)), ~has_run)


def _delete_versions(conn: Connection, _: Policy, keys: Sequence[int], __: int) -> Gone:
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


def _dags(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
    wanted = select(dag.c.dag_id).where(*_gone_without_runs(policy)).order_by(dag.c.dag_id)
    wanted = wanted.where(dag.c.dag_id > (after or ("",))[0]).limit(rows_max)
    found = list(conn.scalars(wanted))
    return Page(found, (found[-1],) if len(found) == rows_max else None)


def _gone_without_runs(policy: Policy) -> list[ColumnElement[bool]]:
    return [*_long_gone(policy), ~exists().where(dag_run.c.dag_id == dag.c.dag_id)]


def _delete_dags(conn: Connection, policy: Policy, keys: Sequence[str], rows_max: int) -> Gone:
    """Delete DAGs, with all that belongs to them; their audit rows stay."""
    unused = delete(dag).where(dag.c.dag_id.in_(keys), *_gone_without_runs(policy))
    gone = list(conn.execute(unused.returning(dag.c.dag_id)).scalars())
    versions = select(dag_version.c.id).where(dag_version.c.dag_id.in_(gone))
    _delete_versions(conn, policy, list(conn.scalars(versions)), rows_max)
    return Gone("", len(gone))


# ------------------------------------------------------------------ rows that go by themselves


def _is_seen(update: FromClause) -> ColumnElement[bool]:
    """Say that an update of an asset is not its latest, and no run needs it any more."""
    newer = asset_event.alias("newer")
    is_followed = exists().where(newer.c.asset_id == update.c.asset_id, newer.c.id > update.c.id)
    waits = exists().where(
        asset_run_event.c.event_id == update.c.id,
        asset_run_event.c.dag_run_id.is_(None),
        asset_run_event.c.dag_id == dag.c.dag_id,
        dag.c.is_active,
    )
    is_in_use = exists().where(
        asset_run_event.c.event_id == update.c.id,
        asset_run_event.c.dag_run_id == dag_run.c.id,
        ~_is_finished(dag_run),
    )
    return and_(is_followed, ~waits, ~is_in_use)


def _has_no_open_run(row: FromClause) -> ColumnElement[bool]:
    return ~exists().where(dag_run.c.backfill_id == row.c.id, ~_is_finished(dag_run))


def _always(_: FromClause) -> ColumnElement[bool]:
    return true()


def _that(
    conn: Connection, table: Table, keys: Sequence[int], may_go: ColumnElement[bool]
) -> list[int]:
    """Return those of the keys whose rows may go; the condition is about `_old(table)`."""
    if not keys:
        return []
    old = _old(table)
    return list(conn.scalars(select(old.c.id).where(old.c.id.in_(keys), may_go)))


def _rows(
    name: str,
    about: str,
    table: Table,
    age: str,
    may_go: Condition = _always,
    *,
    is_in_order: bool = False,
) -> Part:
    """Return a part whose rows go by themselves.

    Args:
        age: the column that says how old a row is; NULL is not old.
        may_go: more that must hold.
        is_in_order: a row with a higher key is not older, so that only the first are looked at.
    """

    def look(conn: Connection, policy: Policy, after: Place | None, rows_max: int) -> Page:
        before = policy.before(name)
        if before is None:
            return Page()
        wanted = select(table.c.id, table.c[age]).order_by(table.c.id).limit(rows_max)
        rows = conn.execute(wanted.where(table.c.id > after[0] if after else true())).all()
        old = [pk for pk, at in rows if at is not None and at < before]
        is_end = len(rows) < rows_max or (is_in_order and rows[-1][1] >= before)
        return Page(
            _that(conn, table, old, may_go(_old(table))), None if is_end else (rows[-1].id,)
        )

    def remove(conn: Connection, policy: Policy, keys: Sequence[int], _: int) -> Gone:
        before = policy.before(name)
        still = [table.c.id.in_(keys), table.c[age] < before]
        if may_go is not _always:
            still.append(table.c.id.in_(_that(conn, table, keys, may_go(_old(table)))))
        return Gone("", conn.execute(delete(table).where(*still)).rowcount)

    return Part(about, (look,), remove)


PARTS = {
    "dag_run": Part(
        "finished runs, with their tasks, tries and XComs",
        (_runs_by_age, _runs_by_count),
        _delete_runs,
    ),
    "xcom": Part("XComs of finished runs", (_xcoms,), _delete_xcoms, _count_xcoms),
    "asset_event": _rows(
        "asset_event",
        "updates of assets that no run needs",
        asset_event,
        "at",
        _is_seen,
        is_in_order=True,
    ),
    "backfill": _rows(
        "backfill",
        "backfills that have ended, not their runs",
        backfill,
        "completed_at",
        _has_no_open_run,
    ),
    "dag_version": Part("versions of DAGs that no run has", (_versions,), _delete_versions),
    "dag": Part("DAGs that no file defines, without runs", (_dags,), _delete_dags),
    "token": _rows("token", "tokens that have expired", token, "expires_at"),
    "log": _rows("log", "the audit trail", event, "at", is_in_order=True),
    "job": _rows("job", "daemons that are gone", process, "seen_at"),
}
"""By the names of `core.retention`."""
