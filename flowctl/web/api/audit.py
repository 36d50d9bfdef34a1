"""The audit trail, import errors and warnings."""

import hashlib
from typing import Annotated, Any

import msgspec

from flowctl.store import events
from flowctl.store.queries import files, warnings
from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.paging import Number, OrderedPage, Page, cut, in_order, order_of, page
from flowctl.web.problems import NotFound
from flowctl.web.reading import Moment, When, json_text, shown
from flowctl.web.routes import Needs, NoQuery, route


class EventLog(msgspec.Struct):
    event_log_id: int
    when: When | None
    dag_id: str | None
    task_id: str | None
    run_id: str | None
    map_index: int | None
    try_number: int | None
    event: str
    execution_date: When | None
    owner: str | None
    extra: str | None


class EventLogCollection(msgspec.Struct):
    event_logs: list[EventLog]
    total_entries: int


class EventQuery(OrderedPage, kw_only=True):
    order_by: Annotated[str, order_of(events.ORDERS)] | None = None
    dag_id: str | None = None
    task_id: str | None = None
    run_id: str | None = None
    map_index: Number | None = None
    try_number: Number | None = None
    event: str | None = None
    owner: str | None = None
    before: Moment | None = None
    after: Moment | None = None
    included_events: tuple[str, ...] = ()
    excluded_events: tuple[str, ...] = ()


@route("GET", "/eventLogs", may=Needs(READ, "Audit Logs"), tag="EventLog")
def get_event_logs(call: Call[EventQuery, None]) -> EventLogCollection:
    """List what was changed, and by whom."""
    asked = call.query
    wanted = events.EventFilter(
        readable=call.caller.dags(),
        dag_id=asked.dag_id,
        task_id=asked.task_id,
        run_id=asked.run_id,
        map_index=asked.map_index,
        try_number=asked.try_number,
        name=asked.event,
        actor=asked.owner,
        before=asked.before,
        after=asked.after,
        included=asked.included_events,
        excluded=asked.excluded_events,
    )
    with call.reading() as conn:
        found = events.listed(conn, page(call.site, asked), wanted)
    return EventLogCollection([_event(row) for row in found.rows], found.total)


@route("GET", "/eventLogs/{event_log_id}", may=Needs(READ, "Audit Logs"), tag="EventLog")
def get_event_log(call: Call[NoQuery, None], event_log_id: int) -> EventLog:
    """Return one change."""
    with call.reading() as conn:
        row = events.one(conn, event_log_id)
    if row is None or (row.dag_id and not call.caller.may_dag(READ, row.dag_id)):
        raise NotFound(f"there is no event {event_log_id}")
    return _event(row)


def _event(row: Any) -> EventLog:
    return EventLog(
        row.id,
        shown(row.at),
        row.dag_id,
        row.task_id,
        row.run_id,
        row.map_index,
        row.try_number,
        row.name,
        None,
        row.actor,
        None if row.detail is None else json_text(row.detail),
    )


class DagFileError(msgspec.Struct):
    import_error_id: int
    timestamp: When | None
    filename: str
    stack_trace: str


class ImportErrorCollection(msgspec.Struct):
    import_errors: list[DagFileError]
    total_entries: int


ERRORS = Needs(READ, "ImportError")
ERROR_ORDERS = {name: name for name in ("import_error_id", "filename", "timestamp")}


class ErrorsQuery(Page, kw_only=True):
    order_by: Annotated[str, order_of(ERROR_ORDERS)] = "import_error_id"


@route("GET", "/importErrors", may=ERRORS, tag="ImportError")
def get_import_errors(call: Call[ErrorsQuery, None]) -> ImportErrorCollection:
    """List the DAG files that could not be imported."""
    found = in_order(seen_errors(call), call.query.order_by, ERROR_ORDERS)
    return ImportErrorCollection(cut(call.site, call.query, found), len(found))


@route("GET", "/importErrors/{import_error_id}", may=ERRORS, tag="ImportError")
def get_import_error(call: Call[NoQuery, None], import_error_id: int) -> DagFileError:
    """Return the error of one DAG file."""
    for one in seen_errors(call):
        if one.import_error_id == import_error_id:
            return one
    raise NotFound(f"there is no import error {import_error_id}")


def seen_errors(call: Call[Any, None]) -> list[DagFileError]:
    """Return the errors of those files that define no DAG which the caller may not see."""
    folder = str(call.site.conf.path("core", "dags_folder"))
    with call.reading() as conn:
        rows = files.import_errors(conn)
        allowed = call.caller.dags()
        if allowed is not None:
            rows = [row for row in rows if _is_allowed(files.dag_ids(conn, row.path), allowed)]
    return [
        DagFileError(number_of(row.path), shown(row.error_at), f"{folder}/{row.path}", row.error)
        for row in rows
    ]


def _is_allowed(dag_ids: list[str], allowed: frozenset[str]) -> bool:
    return bool(dag_ids) and allowed.issuperset(dag_ids)


def number_of(path: str) -> int:
    """Return the number of a file's error: the same as long as the file keeps its path."""
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:6], "big")


class DagWarning(msgspec.Struct):
    dag_id: str
    warning_type: str
    message: str
    timestamp: When | None


class DagWarningCollection(msgspec.Struct):
    dag_warnings: list[DagWarning]
    total_entries: int


WARNING_ORDERS = {"dag_id": "dag_id", "timestamp": "timestamp"}


class WarningQuery(Page, kw_only=True):
    order_by: Annotated[str, order_of(WARNING_ORDERS)] = "dag_id"
    dag_id: str | None = None
    warning_type: str | None = None


@route("GET", "/dagWarnings", may=Needs(READ, "DAG Warnings"), tag="DagWarning")
def get_dag_warnings(call: Call[WarningQuery, None]) -> DagWarningCollection:
    """List the DAGs whose tasks name a pool that does not exist."""
    asked = call.query
    with call.reading() as conn:
        found = warnings.of_pools(conn)
    allowed = call.caller.dags()
    listed = [
        DagWarning(one.dag_id, warnings.NO_POOL, one.message, shown(one.at))
        for one in found
        if (allowed is None or one.dag_id in allowed)
        and asked.dag_id in (None, one.dag_id)
        and asked.warning_type in (None, warnings.NO_POOL)
    ]
    listed = in_order(listed, asked.order_by, WARNING_ORDERS)
    return DagWarningCollection(cut(call.site, asked, listed), len(listed))
