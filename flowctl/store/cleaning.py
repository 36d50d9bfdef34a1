"""Deleting what is old: finished runs, XComs, updates of assets, backfills, expired tokens ...

With a run goes all that belongs to it: tasks, tries, XComs, deferrals.

Never what is unfinished, and of runs never one that the future leans on: the newest of a DAG, from
which its schedule goes on, and the one before an unfinished run, at which `depends_on_past` looks.
Of an asset the latest update stays, which `inlet_events` show, and what a run has yet to see.
Sessions are not here: each login deletes those that are over.
Work comes in batches, each a transaction of its own, so that nobody waits long for a writer. Log
files and versions of DAGs are not touched.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
)

from flowctl.core.states import UNFINISHED_RUN, RunType
from flowctl.store.schema import (
    asset_event,
    asset_run_event,
    backfill,
    callback,
    dag,
    dag_run,
    event,
    process,
    task_instance,
    token,
    xcom,
)

ROWS_MAX = 500  # of one batch; with a run go its tasks, so that a batch stays below a second


Condition = Callable[[FromClause], ColumnElement[bool]]


@dataclass(frozen=True)
class Part:
    """One kind of rows that can be cleaned."""

    about: str
    table: Table
    key: str
    age: str  # the column that says how old a row is; NULL is not old
    may_go: Condition | None = None  # more that must hold


def _is_finished(run: FromClause) -> ColumnElement[bool]:
    return run.c.state.not_in(UNFINISHED_RUN)


def _is_history(run: FromClause) -> ColumnElement[bool]:
    """Say that a run has ended and nothing will ask for it again."""
    has_callback = exists().where(callback.c.dag_run_id == run.c.id)
    return and_(_is_finished(run), _is_followed(run), ~_is_leant_on(run), ~has_callback)


def _is_followed(run: FromClause) -> ColumnElement[bool]:
    """Say that the DAG has a newer run in place of this one, an automated one of an automated."""
    newer = dag_run.alias("newer")
    return exists().where(_after(newer, run), _takes_place_of(newer, run))


def _is_leant_on(run: FromClause) -> ColumnElement[bool]:
    """Say that an unfinished run comes after this one, and none between them."""
    later, between = dag_run.alias("later"), dag_run.alias("between")
    is_between = (
        exists()
        .where(_after(between, run), _after(later, between), _takes_place_of(between, run))
        .correlate(run, later)
    )
    return exists().where(_after(later, run), ~_is_finished(later), ~is_between).correlate(run)


def _after(later: FromClause, run: FromClause) -> ColumnElement[bool]:
    return and_(later.c.dag_id == run.c.dag_id, later.c.logical_date > run.c.logical_date)


def _takes_place_of(other: FromClause, run: FromClause) -> ColumnElement[bool]:
    return or_(run.c.run_type == RunType.MANUAL.value, other.c.run_type != RunType.MANUAL.value)


def _is_of_finished_run(value: FromClause) -> ColumnElement[bool]:
    return exists().where(
        task_instance.c.id == value.c.ti_id,
        task_instance.c.dag_run_id == dag_run.c.id,
        _is_finished(dag_run),
    )


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


PARTS = {
    "dag_run": Part(
        "finished runs, with their tasks, tries and XComs", dag_run, "id", "end_date", _is_history
    ),
    "xcom": Part("XComs of finished runs", xcom, "ti_id", "created_at", _is_of_finished_run),
    "asset_event": Part("updates of assets that no run needs", asset_event, "id", "at", _is_seen),
    "backfill": Part(
        "backfills that have ended, not their runs",
        backfill,
        "id",
        "completed_at",
        _has_no_open_run,
    ),
    "token": Part("tokens that have expired", token, "id", "expires_at"),
    "log": Part("the audit trail", event, "id", "at"),
    "job": Part("daemons that are gone", process, "id", "seen_at"),
}
"""By the name of the table that holds such rows under Airflow; backfills and tokens by ours."""


def _stale(part: Part, before: datetime) -> Select[Any]:
    old = part.table.alias("old")
    wanted = select(old.c[part.key]).where(old.c[part.age] < before)
    return wanted if part.may_go is None else wanted.where(part.may_go(old))


def count(conn: Connection, part: Part, before: datetime) -> int:
    """Return how many rows would be deleted, not counting those that go with them."""
    stale = _stale(part, before).subquery()
    return conn.execute(select(func.count()).select_from(stale)).scalar_one()


def delete_batch(conn: Connection, part: Part, before: datetime) -> int:
    """Delete rows older than `before`; return how many, 0 when none is left.

    A run that is cleared meanwhile has no end any more, and stays.
    """
    keys = _stale(part, before).limit(ROWS_MAX)
    return conn.execute(
        delete(part.table).where(part.table.c[part.key].in_(keys), part.table.c[part.age] < before)
    ).rowcount
