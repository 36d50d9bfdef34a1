"""Backfills: make them, watch them, pause and end them."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import Connection

from flowctl.core.backfill import BackfillError
from flowctl.core.states import RunState
from flowctl.parsing import own_dates
from flowctl.store import backfills, confs
from flowctl.store.backfills import Wanted
from flowctl.store.queries import backfills as queries
from flowctl.store.queries.backfills import Progress
from flowctl.store.roles import CREATE, EDIT, READ
from flowctl.web.api.runs import RUNS, require_dag
from flowctl.web.call import Call
from flowctl.web.paging import Page, cut
from flowctl.web.problems import BadRequest, Conflict, NotFound
from flowctl.web.reading import When, moment, shown
from flowctl.web.routes import NoQuery, on_dag, route

DATES_SHOWN = 1000  # of what a backfill would make
ONE = "/dags/{dag_id}/backfills/{backfill_id}"
Reprocess = Literal["none", "failed", "completed", "resume", "rerun_failed", "reset"]
Outcome = Literal["success", "failed", "cancelled"]


class BackfillProgress(msgspec.Struct):
    """How many of the dates have a run in which state, wait for one, or get none."""

    dates: int
    to_come: int
    left_out: int  # there was a run already
    queued: int
    running: int
    success: int
    failed: int


class Backfill(msgspec.Struct):
    """One backfill; it is open while it has no outcome."""

    id: int
    dag_id: str
    from_date: When
    to_date: When
    is_paused: bool
    outcome: Outcome | None
    reprocess_behavior: Reprocess
    max_active_runs: int
    run_backwards: bool
    conf: dict[str, Any] | None
    created_by: str
    created_at: When
    completed_at: When | None
    progress: BackfillProgress


class BackfillCollection(msgspec.Struct):
    backfills: list[Backfill]
    total_entries: int


class BackfillsQuery(Page, kw_only=True):
    only_open: bool = False


@route("GET", "/dags/{dag_id}/backfills", may=on_dag(READ, RUNS), tag="Backfill")
def get_backfills(call: Call[BackfillsQuery, None], dag_id: str) -> BackfillCollection:
    """List the backfills of a DAG, newest first; of all DAGs, where it is ~."""
    allowed = call.caller.dags()
    with call.reading() as conn:
        if dag_id != "~":
            require_dag(conn, dag_id)
        rows = [
            row
            for row in queries.found(conn, None if dag_id == "~" else dag_id)
            if (allowed is None or row.dag_id in allowed)
            and not (call.query.only_open and row.completed_at)
        ]
        page = cut(call.site, call.query, rows)
        progress = queries.progress(conn, [row.id for row in page])
    return BackfillCollection([_shown(row, progress[row.id]) for row in page], len(rows))


class NewBackfill(msgspec.Struct, kw_only=True):
    from_date: When
    to_date: When
    dry_run: bool = False
    reprocess_behavior: Literal["none", "failed", "completed"] = "none"
    max_active_runs: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 10
    run_backwards: bool = False
    run_on_latest_version: bool = True
    conf: dict[str, Any] | None = None


class BackfillDates(msgspec.Struct):
    """The logical dates that a backfill would fill: the first of them, and how many there are.

    `states` has the run that is there for each of these dates, None where there is none. Of all of
    them `new` get a run, `again` have one that is run again, `left_out` have one that stays.
    """

    dates: list[When]
    states: list[RunState | None]
    new: int
    again: int
    left_out: int
    total_entries: int


@route("POST", "/dags/{dag_id}/backfills", may=on_dag(CREATE, RUNS), tag="Backfill",
       errors=(400, 409))  # fmt: skip
def post_backfill(call: Call[NoQuery, NewBackfill], dag_id: str) -> Backfill | BackfillDates:
    """Have a DAG run for the dates of its schedule in a span; with `dry_run` say for which."""
    body = call.body
    wanted = Wanted(
        dag_id,
        moment("from_date", body.from_date),
        moment("to_date", body.to_date),
        existing=body.reprocess_behavior,
        conf=body.conf,
        max_active_runs=body.max_active_runs,
        run_backwards=body.run_backwards,
        keeps_version=not body.run_on_latest_version,
    )
    with call.reading() as conn:
        require_dag(conn, dag_id)
        spec = backfills.spec(conn, dag_id)
    wanted = own_dates.foreseen(call.site.conf, spec, wanted, call.now)
    if body.dry_run:
        with call.reading() as conn:
            return _foreseen_dates(backfills.foreseen(conn, wanted, call.now))
    with call.writing() as conn:
        open_one = [row for row in queries.found(conn, dag_id) if row.completed_at is None]
        if open_one:
            raise Conflict(f"DAG {dag_id!r} has an open backfill, {open_one[0].id}")
        pk = backfills.create(conn, wanted, call.caller.name, call.now, call.site.cipher)
        if pk is None:
            raise BadRequest(f"DAG {dag_id!r} has no dates between those")
        return _one(conn, dag_id, pk)


def _foreseen_dates(found: list[tuple[datetime, RunState | None, bool]]) -> BackfillDates:
    new = sum(state is None for _, state, _ in found)
    again = sum(is_filled for _, state, is_filled in found if state is not None)
    listed = found[:DATES_SHOWN]
    return BackfillDates(
        [shown(date) for date, _, _ in listed],
        [state for _, state, _ in listed],
        new=new,
        again=again,
        left_out=len(found) - new - again,
        total_entries=len(found),
    )


@route("GET", ONE, may=on_dag(READ, RUNS), tag="Backfill")
def get_backfill(call: Call[NoQuery, None], dag_id: str, backfill_id: int) -> Backfill:
    """Return a backfill and how far it is."""
    with call.reading() as conn:
        return _one(conn, dag_id, backfill_id)


class BackfillDate(msgspec.Struct):
    """One date of a backfill, with its run or why there is none."""

    logical_date: When
    run_id: str | None
    state: RunState | None
    reason: str | None


class BackfillDateCollection(msgspec.Struct):
    dates: list[BackfillDate]
    total_entries: int


@route("GET", ONE + "/dates", may=on_dag(READ, RUNS), tag="Backfill")
def get_backfill_dates(
    call: Call[Page, None], dag_id: str, backfill_id: int
) -> BackfillDateCollection:
    """List the dates of a backfill in the order of making, each with its run."""
    with call.reading() as conn:
        _require(conn, dag_id, backfill_id)
        rows = queries.dates_of(conn, backfill_id)
    listed = [
        BackfillDate(shown(row.logical_date), row.run_id, row.state, row.reason)
        for row in cut(call.site, call.query, list(rows))
    ]
    return BackfillDateCollection(listed, len(rows))


class UpdateBackfill(msgspec.Struct):
    is_paused: bool


@route("PATCH", ONE, may=on_dag(EDIT, RUNS), tag="Backfill", errors=(409,))
def patch_backfill(call: Call[NoQuery, UpdateBackfill], dag_id: str, backfill_id: int) -> Backfill:
    """Make no further runs of a backfill for now, or let it go on."""
    with call.writing() as conn:
        _require_open(conn, dag_id, backfill_id)
        actor, paused = call.caller.name, call.body.is_paused
        backfills.pause(conn, backfill_id, actor, call.now, paused=paused)
        return _one(conn, dag_id, backfill_id)


@route("POST", ONE + "/cancel", may=on_dag(EDIT, RUNS), tag="Backfill", errors=(409,))
def cancel_backfill(call: Call[NoQuery, None], dag_id: str, backfill_id: int) -> Backfill:
    """End a backfill: no further runs are made, what runs goes on to its end."""
    with call.writing() as conn:
        _require_open(conn, dag_id, backfill_id)
        backfills.cancel(conn, backfill_id, call.caller.name, call.now)
        return _one(conn, dag_id, backfill_id)


def _require(conn: Connection, dag_id: str, pk: int) -> Any:
    try:
        row = queries.one(conn, pk)
    except BackfillError:
        row = None
    if row is None or row.dag_id != dag_id:
        raise NotFound(f"DAG {dag_id!r} has no backfill {pk}")
    return row


def _require_open(conn: Connection, dag_id: str, pk: int) -> None:
    row = _require(conn, dag_id, pk)
    if row.completed_at is not None:
        raise Conflict(f"backfill {pk} has ended: {row.outcome}")


def _one(conn: Connection, dag_id: str, pk: int) -> Backfill:
    return _shown(_require(conn, dag_id, pk), queries.progress(conn, [pk])[pk])


def _shown(row: Any, progress: Progress) -> Backfill:
    states = {state.value: progress.states.get(state.value, 0) for state in RunState}
    return Backfill(
        id=row.id,
        dag_id=row.dag_id,
        from_date=shown(row.from_date),
        to_date=shown(row.to_date),
        is_paused=row.is_paused,
        outcome=row.outcome,
        reprocess_behavior=row.existing,
        max_active_runs=row.max_active_runs,
        run_backwards=row.run_backwards,
        conf=row.conf and confs.shown(row.conf),
        created_by=row.actor,
        created_at=shown(row.created_at),
        completed_at=shown(row.completed_at),
        progress=BackfillProgress(progress.dates, progress.to_come, progress.left_out, **states),
    )
