"""DAG runs: lists, trigger, change, clear, delete."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import Connection

from flowctl.core.states import RunState, RunType
from flowctl.store import clears, confs, marks, run_actions, triggers
from flowctl.store.queries import dags as dag_queries
from flowctl.store.queries import listings
from flowctl.store.queries import runs as queries
from flowctl.store.queries.listings import RunFilter, Span, Spans
from flowctl.store.roles import CREATE, DELETE, EDIT, READ
from flowctl.web.api.shapes import Moments, Part, TaskReference, TaskReferences, only
from flowctl.web.call import Call
from flowctl.web.paging import Names, OrderedPage, Several, field_of, order_of, page
from flowctl.web.problems import BadRequest, Conflict, NotFound
from flowctl.web.reading import When, moment, shown
from flowctl.web.routes import NoQuery, on_dag, route

RUNS = "DAG Runs"
NOTE = Annotated[str, msgspec.Meta(max_length=1000)]


class DAGRun(msgspec.Struct):
    dag_run_id: str
    dag_id: str
    logical_date: When | None
    execution_date: When | None
    start_date: When | None
    end_date: When | None
    data_interval_start: When | None
    data_interval_end: When | None
    last_scheduling_decision: When | None
    run_type: RunType
    state: RunState
    external_trigger: bool
    conf: dict[str, Any]
    note: str | None


class DAGRunCollection(msgspec.Struct):
    dag_runs: list[DAGRun]
    total_entries: int


ORDER = Annotated[str, order_of(listings.RUN_ORDERS)]
FIELD = Annotated[str, field_of(DAGRun.__struct_fields__)]


class RunFields(msgspec.Struct):
    """Which fields are wanted; None: all."""

    fields: list[FIELD] | None = None


class RunsQuery(Moments, kw_only=True):
    order_by: ORDER | None = None
    state: tuple[str, ...] = ()
    search: str | None = None  # what the name of the DAG or the run contains
    fields: list[FIELD] | None = None


class ListForm(msgspec.Struct):
    """What the forms of Airflow's batch lists have in common."""

    page_offset: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0
    page_limit: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 100
    dag_ids: Names | None = None
    execution_date_gte: When | None = None
    execution_date_lte: When | None = None
    start_date_gte: When | None = None
    start_date_lte: When | None = None
    end_date_gte: When | None = None
    end_date_lte: When | None = None


class ListDagRunsForm(ListForm):
    order_by: ORDER | None = None
    states: Names | None = None


class NewRun(msgspec.Struct):
    dag_run_id: Annotated[str, msgspec.Meta(min_length=1, max_length=250)] | None = None
    logical_date: When | None = None
    execution_date: When | None = None
    data_interval_start: When | None = None
    data_interval_end: When | None = None
    conf: dict[str, Any] | None = None
    note: NOTE | None = None


class UpdateDagRunState(msgspec.Struct):
    state: Literal["success", "failed", "queued"]


class ClearRun(msgspec.Struct):
    dry_run: bool = True


class NoteBody(msgspec.Struct):
    note: NOTE | None


def spans_of(moments: Moments) -> Spans:
    """Return the spans of a query as filters have them."""
    return Spans(
        Span(moments.execution_date_gte, moments.execution_date_lte),
        Span(moments.start_date_gte, moments.start_date_lte),
        Span(moments.end_date_gte, moments.end_date_lte),
        Span(moments.updated_at_gte, moments.updated_at_lte),
    )


def spans_in(form: ListForm) -> Spans:
    """Return the spans of a form as filters have them.

    Raises:
        BadRequest: one of its texts says no moment.
    """

    def at(name: str) -> datetime | None:
        text = getattr(form, name)
        return None if text is None else moment(name, text)

    return Spans(
        Span(at("execution_date_gte"), at("execution_date_lte")),
        Span(at("start_date_gte"), at("start_date_lte")),
        Span(at("end_date_gte"), at("end_date_lte")),
    )


@route("GET", "/dags/{dag_id}/dagRuns", may=on_dag(READ, RUNS), tag="DAGRun")
def get_dag_runs(call: Call[RunsQuery, None], dag_id: str) -> DAGRunCollection | Part:
    """List the runs of a DAG; of all DAGs that the caller may see, where it is ~."""
    asked = call.query
    wanted = RunFilter(
        readable=call.caller.dags(),
        dag_ids=() if dag_id == "~" else (dag_id,),
        states=asked.state,
        spans=spans_of(asked),
        search=asked.search or "",
    )
    with call.reading() as conn:
        if dag_id != "~":
            require_dag(conn, dag_id)
        found = listings.runs(conn, page(call.site, asked), wanted)
    listed = DAGRunCollection([run_shown(row) for row in found.rows], found.total)
    return only(listed, "dag_runs", asked.fields)


@route("POST", "/dags/~/dagRuns/list", may=on_dag(READ, RUNS), tag="DAGRun")
def get_dag_runs_batch(call: Call[NoQuery, ListDagRunsForm]) -> DAGRunCollection:
    """List runs of several DAGs."""
    form = call.body
    asked = OrderedPage(limit=form.page_limit, offset=form.page_offset, order_by=form.order_by)
    wanted = RunFilter(
        readable=call.caller.dags(),
        dag_ids=form.dag_ids or (),
        states=form.states or (),
        spans=spans_in(form),
    )
    with call.reading() as conn:
        found = listings.runs(conn, page(call.site, asked), wanted)
    return DAGRunCollection([run_shown(row) for row in found.rows], found.total)


@route("POST", "/dags/{dag_id}/dagRuns", may=on_dag(CREATE, RUNS), tag="DAGRun",
       errors=(400, 409))  # fmt: skip
def post_dag_run(call: Call[NoQuery, NewRun], dag_id: str) -> DAGRun:
    """Trigger a run of a DAG."""
    body = call.body
    date = body.execution_date if body.logical_date is None else body.logical_date
    if body.execution_date not in (None, date):
        raise BadRequest("logical_date and execution_date are two names of one date")
    wanted = triggers.Trigger(
        dag_id=dag_id,
        run_id=body.dag_run_id,
        logical_date=None if date is None else moment("logical_date", date),
        conf=body.conf or {},
        keep_microseconds=True,
        note=body.note,
        interval=_interval(body),
    )
    pattern = call.site.conf.text("scheduler", "allowed_run_id_pattern")
    with call.writing() as conn:
        require_dag(conn, dag_id)
        try:
            pk = triggers.trigger(
                conn,
                wanted,
                call.caller.name,
                call.now,
                cipher=call.site.cipher,
                id_pattern=pattern,
                detail={"address": call.address},
            )
        except triggers.RunExists as error:
            raise Conflict(str(error)) from error
        return run_shown(queries.by_key(conn, pk))


def _interval(body: NewRun) -> tuple[datetime, datetime] | None:
    start, end = body.data_interval_start, body.data_interval_end
    if (start is None) != (end is None):
        raise BadRequest("data_interval_start and data_interval_end come together or not at all")
    if start is None or end is None:
        return None
    return moment("data_interval_start", start), moment("data_interval_end", end)


@route("GET", "/dags/{dag_id}/dagRuns/{dag_run_id}", may=on_dag(READ, RUNS), tag="DAGRun")
def get_dag_run(call: Call[RunFields, None], dag_id: str, dag_run_id: str) -> DAGRun | Part:
    """Return a run."""
    with call.reading() as conn:
        found = run_shown(require_run(conn, dag_id, dag_run_id))
    return only(found, "", call.query.fields)


@route("DELETE", "/dags/{dag_id}/dagRuns/{dag_run_id}", may=on_dag(DELETE, RUNS), tag="DAGRun",
       errors=(400,))  # fmt: skip
def delete_dag_run(call: Call[NoQuery, None], dag_id: str, dag_run_id: str) -> None:
    """Delete a run with all that belongs to it; what runs of it is ended."""
    with call.writing() as conn:
        row = require_run(conn, dag_id, dag_run_id)
        run_actions.remove(conn, row.id)
        detail = {"before": {"state": row.state, "logical_date": shown(row.logical_date)}}
        call.audit(conn, "run.delete", dag_id=dag_id, run_id=dag_run_id, detail=detail)


@route("PATCH", "/dags/{dag_id}/dagRuns/{dag_run_id}", may=on_dag(EDIT, RUNS), tag="DAGRun")
def update_dag_run_state(
    call: Call[NoQuery, UpdateDagRunState], dag_id: str, dag_run_id: str
) -> DAGRun:
    """Say how a run ended, or have it begin again."""
    state = RunState(call.body.state)
    with call.writing() as conn:
        row = require_run(conn, dag_id, dag_run_id)
        marks.mark_run(conn, row.id, state, call.caller.name, call.now)
        detail = {"before": row.state, "after": state.value}
        call.audit(conn, "run.mark", dag_id=dag_id, run_id=dag_run_id, detail=detail)
        return run_shown(require_run(conn, dag_id, dag_run_id))


@route("POST", "/dags/{dag_id}/dagRuns/{dag_run_id}/clear", may=on_dag(EDIT, RUNS), tag="DAGRun")
def clear_dag_run(
    call: Call[NoQuery, ClearRun], dag_id: str, dag_run_id: str
) -> DAGRun | TaskReferences:
    """Have all tasks of a run run again; with `dry_run` say which."""
    wanted = clears.Clear((dag_id,), run_ids=(dag_run_id,))
    if call.body.dry_run:
        with call.reading() as conn:
            row = require_run(conn, dag_id, dag_run_id)
            found = clears.concerned(conn, wanted)
        date = shown(row.logical_date)
        listed = [TaskReference(one.task_id, dag_id, date, dag_run_id) for one in found]
        return TaskReferences(listed, len(listed))
    with call.writing() as conn:
        require_run(conn, dag_id, dag_run_id)
        clears.clear(conn, wanted, call.caller.name, call.now)
        return run_shown(require_run(conn, dag_id, dag_run_id))


@route("PATCH", "/dags/{dag_id}/dagRuns/{dag_run_id}/setNote", may=on_dag(EDIT, RUNS), tag="DAGRun")
def set_dag_run_note(call: Call[NoQuery, NoteBody], dag_id: str, dag_run_id: str) -> DAGRun:
    """Write a note to a run."""
    with call.writing() as conn:
        row = require_run(conn, dag_id, dag_run_id)
        run_actions.set_note(conn, row.id, call.body.note)
        detail = {"before": row.note, "after": call.body.note}
        call.audit(conn, "run.note", dag_id=dag_id, run_id=dag_run_id, detail=detail)
        return run_shown(require_run(conn, dag_id, dag_run_id))


def require_dag(conn: Connection, dag_id: str) -> None:
    """Make sure that there is such a DAG.

    Raises:
        NotFound: there is none.
    """
    if dag_queries.one(conn, dag_id) is None:
        raise NotFound(f"there is no DAG {dag_id!r}")


def require_run(conn: Connection, dag_id: str, run_id: str) -> Any:
    """Return the row of a run.

    Raises:
        NotFound: there is none.
    """
    row = queries.one(conn, dag_id, run_id)
    if row is None:
        raise NotFound(f"DAG {dag_id!r} has no run {run_id!r}")
    return row


def run_shown(row: Any) -> DAGRun:
    """Return a run as the API shows it."""
    date = shown(row.logical_date)
    return DAGRun(
        row.run_id,
        row.dag_id,
        date,
        date,
        shown(row.start_date),
        shown(row.end_date),
        shown(row.data_interval_start),
        shown(row.data_interval_end),
        shown(row.updated_at),
        row.run_type,
        row.state,
        row.external_trigger,
        confs.shown(row.conf or {}),
        row.note,
    )


class StateCount(msgspec.Struct):
    state: RunState
    count: int


class DagStats(msgspec.Struct):
    dag_id: str
    stats: list[StateCount]


class DagStatsCollection(msgspec.Struct):
    dags: list[DagStats]
    total_entries: int


class StatsQuery(msgspec.Struct):
    dag_ids: Several


@route("GET", "/dagStats", may=on_dag(READ, RUNS), tag="DagStats")
def get_dag_stats(call: Call[StatsQuery, None]) -> DagStatsCollection:
    """Return how many runs of these DAGs are in which state."""
    wanted = [one for one in call.query.dag_ids if call.caller.may_dag(READ, one)]
    with call.reading() as conn:
        counts = listings.run_counts(conn, wanted)
    listed = [
        DagStats(dag_id, [StateCount(state, found.get(state.value, 0)) for state in RunState])
        for dag_id, found in sorted(counts.items())
    ]
    return DagStatsCollection(listed, len(listed))
