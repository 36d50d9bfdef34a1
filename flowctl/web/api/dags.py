"""DAGs: lists, details, pause and delete."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from flowctl.core.assets import Condition
from flowctl.core.retention import Retention
from flowctl.core.spec import ScheduleSpec, decode, in_order
from flowctl.core.timetables import timetable_of
from flowctl.store import dag_actions
from flowctl.store.queries import dags as queries
from flowctl.store.queries import listings
from flowctl.store.queries.pages import Page as StorePage
from flowctl.store.roles import DAGS, DELETE, EDIT, READ
from flowctl.web.api.dag_sources import token_of
from flowctl.web.api.shapes import Part, TimeDelta, only
from flowctl.web.call import Call
from flowctl.web.paging import OrderedPage, Page, field_of, order_of, page
from flowctl.web.problems import Conflict, NotFound
from flowctl.web.reading import When, shown
from flowctl.web.routes import NoQuery, on_dag, route


class Tag(msgspec.Struct):
    name: str


class CronExpression(msgspec.Struct, tag_field="__type", tag="CronExpression"):
    value: str


class DAG(msgspec.Struct, kw_only=True):
    """One DAG; what only older or distributed Airflows have is null."""

    dag_id: str
    dag_display_name: str
    root_dag_id: str | None = None
    is_paused: bool
    is_active: bool
    is_subdag: bool = False
    last_parsed_time: When | None
    last_pickled: str | None = None
    last_expired: str | None = None
    scheduler_lock: bool | None = None
    pickle_id: str | None = None
    default_view: str
    fileloc: str
    file_token: str
    owners: list[str]
    description: str | None
    schedule_interval: CronExpression | TimeDelta | None
    timetable_description: str | None
    tags: list[Tag]
    max_active_tasks: int
    max_active_runs: int
    max_consecutive_failed_dag_runs: int
    has_task_concurrency_limits: bool
    has_import_errors: bool
    next_dagrun: When | None
    next_dagrun_data_interval_start: When | None
    next_dagrun_data_interval_end: When | None
    next_dagrun_create_after: When | None


class DAGRetention(msgspec.Struct):
    """What a DAG says of its history. None: what the configuration says; 0: without limit."""

    age: TimeDelta | None
    runs: int | None
    log_age: TimeDelta | None
    log_bytes: int | None


class DAGDetail(DAG, kw_only=True):
    catchup: bool
    catchup_window: TimeDelta | None
    concurrency: int
    dag_run_timeout: TimeDelta | None
    dataset_expression: Any
    doc_md: str | None
    end_date: When | None
    is_paused_upon_creation: bool | None
    last_parsed: When | None
    orientation: str
    overlap: str
    params: dict[str, Any]
    render_template_as_native_obj: bool
    retention: DAGRetention | None  # None: as the configuration says
    start_date: When | None
    template_searchpath: list[str] | None = None
    timezone: str


class DAGCollection(msgspec.Struct):
    dags: list[DAG]
    total_entries: int


FIELD = Annotated[str, field_of(DAG.__struct_fields__)]
MASK = list[Annotated[str, field_of(("is_paused",))]]


class DagFields(msgspec.Struct):
    """Which fields are wanted; None: all."""

    fields: list[FIELD] | None = None


class DetailFields(msgspec.Struct):
    """Which fields are wanted; None: all."""

    fields: list[Annotated[str, field_of(DAGDetail.__struct_fields__)]] | None = None


class DagsQuery(OrderedPage, kw_only=True):
    order_by: Annotated[str, order_of(listings.DAG_ORDERS)] | None = None
    tags: tuple[str, ...] = ()
    only_active: bool = True
    paused: bool | None = None
    fields: list[FIELD] | None = None
    dag_id_pattern: str | None = None


class PatchDagsQuery(Page, kw_only=True):
    dag_id_pattern: str
    tags: tuple[str, ...] = ()
    only_active: bool = True
    update_mask: MASK | None = None


class MaskQuery(msgspec.Struct):
    update_mask: MASK | None = None


class DagBody(msgspec.Struct, forbid_unknown_fields=True):
    is_paused: bool
    drain: bool | UnsetType = UNSET  # of a pause: the runs that go on come to their end


@route("GET", "/dags", may=on_dag(READ, DAGS), tag="DAG")
def get_dags(call: Call[DagsQuery, None]) -> DAGCollection | Part:
    """List the DAGs that the caller may see."""
    asked = call.query
    with call.reading() as conn:
        found = listings.dags(
            conn,
            page(call.site, asked),
            readable=call.caller.dags(),
            only_active=asked.only_active,
            paused=asked.paused,
            tags=asked.tags,
            pattern=asked.dag_id_pattern,
        )
        listed = _dags(call, conn, found.rows)
    return only(DAGCollection(listed, found.total), "dags", asked.fields)


@route("PATCH", "/dags", may=on_dag(EDIT, DAGS), tag="DAG")
def patch_dags(call: Call[PatchDagsQuery, DagBody]) -> DAGCollection:
    """Pause the DAGs whose id holds a piece of text, or let them go on; ~ is all."""
    asked = call.query
    pattern = None if asked.dag_id_pattern in ("~", "%") else asked.dag_id_pattern
    with call.writing() as conn:
        found = listings.dags(
            conn,
            page(call.site, asked),
            readable=call.caller.dags(EDIT),
            only_active=asked.only_active,
            tags=asked.tags,
            pattern=pattern,
        )
        ids = [row.dag_id for row in found.rows]
        _pause(call, conn, ids)
        changed = listings.dags(conn, StorePage(len(ids)), readable=ids, only_active=False)
        return DAGCollection(_dags(call, conn, changed.rows), found.total)


@route("GET", "/dags/{dag_id}", may=on_dag(READ, DAGS), tag="DAG")
def get_dag(call: Call[DagFields, None], dag_id: str) -> DAG | Part:
    """Return a DAG."""
    with call.reading() as conn:
        return only(_one(call, conn, dag_id), "", call.query.fields)


@route("GET", "/dags/{dag_id}/details", may=on_dag(READ, DAGS), tag="DAG")
def get_dag_details(call: Call[DetailFields, None], dag_id: str) -> DAGDetail | Part:
    """Return a DAG with what its file says about it as a whole."""
    with call.reading() as conn:
        row = _row(conn, dag_id)
        spec = decode(row.spec)
        short = _dags(call, conn, [row])[0]
    timeout = spec.dagrun_timeout
    detail = DAGDetail(
        **msgspec.structs.asdict(short),
        catchup=spec.catchup,
        catchup_window=TimeDelta.of(spec.catchup_window) if spec.catchup_window else None,
        concurrency=spec.max_active_tasks,
        dag_run_timeout=TimeDelta.of(timeout) if timeout else None,
        dataset_expression=expression_of(spec.schedule.condition),
        doc_md=spec.doc_md,
        end_date=shown(spec.end_date),
        is_paused_upon_creation=spec.is_paused_upon_creation,
        last_parsed=shown(row.parsed_at),
        orientation=spec.orientation,
        overlap=spec.overlap,
        params=params_of(spec.params),
        render_template_as_native_obj=spec.render_template_as_native_obj,
        retention=_retention(spec.retention),
        start_date=shown(spec.start_date),
        timezone=spec.timezone,
    )
    return only(detail, "", call.query.fields)


@route("PATCH", "/dags/{dag_id}", may=on_dag(EDIT, DAGS), tag="DAG")
def patch_dag(call: Call[MaskQuery, DagBody], dag_id: str) -> DAG:
    """Pause a DAG, or let it go on."""
    with call.writing() as conn:
        _row(conn, dag_id)
        _pause(call, conn, [dag_id])
        return _one(call, conn, dag_id)


@route("DELETE", "/dags/{dag_id}", may=on_dag(DELETE, DAGS), tag="DAG", errors=(409,))
def delete_dag(call: Call[NoQuery, None], dag_id: str) -> None:
    """Delete a DAG with its history; its file, if it is still there, brings it back as new."""
    with call.writing() as conn:
        _row(conn, dag_id)
        try:
            runs = dag_actions.remove(conn, dag_id)
        except dag_actions.DagActionError as error:
            raise Conflict(str(error)) from error
        call.audit(conn, "dag.delete", dag_id=dag_id, detail={"runs": runs})


def _pause(call: Call[Any, DagBody], conn: Connection, dag_ids: Sequence[str]) -> None:
    paused = call.body.is_paused
    drains = paused and call.body.drain is True
    for dag_id in sorted(dag_actions.pause(conn, dag_ids, paused=paused, drains=drains)):
        detail = {"before": not paused, "after": paused} | ({"drain": True} if drains else {})
        call.audit(conn, "dag.pause" if paused else "dag.unpause", dag_id=dag_id, detail=detail)


def _row(conn: Connection, dag_id: str) -> Any:
    found = listings.dags(conn, StorePage(1), only_active=False, dag_id=dag_id)
    if not found.rows:
        raise NotFound(f"there is no DAG {dag_id!r}")
    return found.rows[0]


def _one(call: Call[Any, Any], conn: Connection, dag_id: str) -> DAG:
    return _dags(call, conn, [_row(conn, dag_id)])[0]


class _TaskHead(msgspec.Struct):
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None


class _Head(msgspec.Struct):
    """The little of a spec that a list shows; the rest is not even decoded."""

    tasks: list[_TaskHead] = []
    schedule: ScheduleSpec = ScheduleSpec()
    max_active_tasks: int = 16
    max_active_runs: int = 16
    max_consecutive_failed_dag_runs: int = 0
    default_view: str = "grid"


_HEADS = msgspec.json.Decoder(_Head)


def _dags(call: Call[Any, Any], conn: Connection, rows: Iterable[Any]) -> list[DAG]:
    found = list(rows)
    tags = queries.tags(conn, [row.dag_id for row in found])
    folder = call.site.conf.path("core", "dags_folder")
    return [_dag(row, _HEADS.decode(row.spec), tags[row.dag_id], str(folder)) for row in found]


def _dag(row: Any, head: _Head, tags: list[str], folder: str) -> DAG:
    return DAG(
        dag_id=row.dag_id,
        dag_display_name=row.display_name or row.dag_id,
        is_paused=row.is_paused,
        is_active=row.is_active,
        last_parsed_time=shown(row.parsed_at),
        default_view=head.default_view,
        fileloc=f"{folder}/{row.file}",
        file_token=token_of(row.file),
        owners=row.owners.split(", ") if row.owners else [],
        description=row.description,
        schedule_interval=interval_of(head.schedule),
        timetable_description=_described(head.schedule),
        tags=[Tag(name) for name in tags],
        max_active_tasks=head.max_active_tasks,
        max_active_runs=head.max_active_runs,
        max_consecutive_failed_dag_runs=head.max_consecutive_failed_dag_runs,
        has_task_concurrency_limits=any(
            one.max_active_tis_per_dag is not None or one.max_active_tis_per_dagrun is not None
            for one in head.tasks
        ),
        has_import_errors=row.error is not None,
        next_dagrun=shown(row.next_logical_date),
        next_dagrun_data_interval_start=shown(row.next_interval_start),
        next_dagrun_data_interval_end=shown(row.next_interval_end),
        next_dagrun_create_after=shown(row.next_run_after),
    )


def interval_of(schedule: ScheduleSpec) -> CronExpression | TimeDelta | None:
    """Return a schedule as Airflow's API writes it."""
    if schedule.kind == "none":
        return None
    if schedule.kind == "delta" and schedule.delta is not None:
        return TimeDelta.of(schedule.delta)
    return CronExpression(schedule.summary or schedule.expression)


def expression_of(condition: Condition | None) -> Any:
    """Return a condition over datasets as Airflow's API writes it."""
    if condition is None:
        return None
    if condition.parts:
        return {condition.kind: [expression_of(part) for part in condition.parts]}
    return {"alias": condition.key} if condition.kind == "alias" else condition.key


def _described(schedule: ScheduleSpec) -> str:
    return timetable_of(schedule).describe()


def _retention(found: Retention | None) -> DAGRetention | None:
    if found is None:
        return None
    ages = (TimeDelta.of(age) if age is not None else None for age in (found.age, found.log_age))
    age, log_age = ages
    return DAGRetention(age=age, runs=found.runs, log_age=log_age, log_bytes=found.log_bytes)


def params_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params of a DAG or a task as Airflow's API writes them."""
    return {
        name: {
            "__class": "airflow.models.param.Param",
            "value": param.get("value"),
            "description": param.get("description"),
            "schema": param.get("schema") or {},
        }
        for name, param in in_order(params).items()
    }
