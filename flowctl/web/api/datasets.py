"""Datasets, which Airflow 3 calls assets: themselves, their events, and what waits for a run."""

from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection

from flowctl.core.assets import ASSET
from flowctl.store import assets
from flowctl.store.queries import asset_lists
from flowctl.store.queries.asset_lists import EventFilter, QueueFilter
from flowctl.store.queries.pages import Page as StorePage
from flowctl.store.roles import CREATE, DELETE, READ
from flowctl.web.api.runs import require_dag, require_run
from flowctl.web.call import Call
from flowctl.web.paging import Id, Number, OrderedPage, Several, order_of, page
from flowctl.web.problems import NotFound
from flowctl.web.reading import Moment, When, shown
from flowctl.web.routes import Needs, NoQuery, on_dag, route

DATASETS = "Datasets"
EVENTS_MAX = 100_000


class Producer(msgspec.Struct):
    dag_id: str
    task_id: str
    created_at: When
    updated_at: When


class Consumer(msgspec.Struct):
    dag_id: str
    created_at: When
    updated_at: When


class Dataset(msgspec.Struct):
    id: int
    uri: str
    extra: dict[str, Any]
    created_at: When
    updated_at: When
    consuming_dags: list[Consumer]
    producing_tasks: list[Producer]
    aliases: list[Any] = msgspec.field(default_factory=list)


class DatasetCollection(msgspec.Struct):
    datasets: list[Dataset]
    total_entries: int


class DatasetsQuery(OrderedPage, kw_only=True):
    order_by: Annotated[str, order_of(asset_lists.ORDERS)] | None = None
    uri_pattern: str | None = None
    dag_ids: Several = msgspec.field(default_factory=list)


class BasicDAGRun(msgspec.Struct):
    run_id: str
    dag_id: str
    logical_date: When
    start_date: When | None
    end_date: When | None
    data_interval_start: When | None
    data_interval_end: When | None
    state: str


class DatasetEvent(msgspec.Struct):
    id: int
    dataset_id: int
    dataset_uri: str
    extra: dict[str, Any]
    source_dag_id: str | None
    source_task_id: str | None
    source_run_id: str | None
    source_map_index: int | None
    created_dagruns: list[BasicDAGRun]
    timestamp: When


class DatasetEventCollection(msgspec.Struct):
    dataset_events: list[DatasetEvent]
    total_entries: int


class EventsQuery(OrderedPage, kw_only=True):
    order_by: Annotated[str, order_of(asset_lists.EVENT_ORDERS)] | None = None
    dataset_id: Id | None = None
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: Number | None = None


class NewEvent(msgspec.Struct):
    dataset_uri: Annotated[str, msgspec.Meta(min_length=1, max_length=3000)]
    extra: dict[str, Any] | None = None


class QueuedEvent(msgspec.Struct):
    uri: str
    dag_id: str
    created_at: When


class QueuedEventCollection(msgspec.Struct):
    queued_events: list[QueuedEvent]
    total_entries: int


class Before(msgspec.Struct):
    before: Moment | None = None


@route("GET", "/datasets", may=Needs(READ, DATASETS), tag="Dataset")
def get_datasets(call: Call[DatasetsQuery, None]) -> DatasetCollection:
    """List datasets."""
    asked = call.query
    seen = [one for one in asked.dag_ids if call.caller.may_dag(READ, one)]
    with call.reading() as conn:
        found = asset_lists.assets(
            conn,
            page(call.site, asked),
            pattern=asked.uri_pattern,
            dag_ids=seen if asked.dag_ids else None,
        )
        return DatasetCollection(_datasets(call, conn, found.rows), found.total)


@route("GET", "/datasets/{uri}", may=Needs(READ, DATASETS), tag="Dataset")
def get_dataset(call: Call[NoQuery, None], uri: str) -> Dataset:
    """Return a dataset."""
    with call.reading() as conn:
        row = asset_lists.one(conn, uri)
        if row is None:
            raise NotFound(f"there is no dataset {uri!r}")
        return _datasets(call, conn, [row])[0]


def _datasets(call: Call[Any, Any], conn: Connection, rows: Any) -> list[Dataset]:
    named = asset_lists.references(conn, [row.id for row in rows])
    found = []
    for row in rows:
        seen = [one for one in named[row.id] if call.caller.may_dag(READ, one.dag_id)]
        found.append(
            Dataset(
                row.id,
                row.uri,
                row.extra or {},
                shown(row.created_at),
                shown(row.updated_at),
                [Consumer(one.dag_id, *_since(one)) for one in seen if one.role == "schedule"],
                [Producer(one.dag_id, one.task_id, *_since(one)) for one in seen
                 if one.role == "outlet"],
            )
        )  # fmt: skip
    return found


def _since(row: Any) -> tuple[str, str]:
    """Return since when a DAG names an asset, as far as that is known: since its last parsing."""
    at = shown(row.parsed_at)
    return at, at


# ------------------------------------------------------------------------------------ events


@route("GET", "/datasets/events", may=Needs(READ, DATASETS), tag="Dataset")
def get_dataset_events(call: Call[EventsQuery, None]) -> DatasetEventCollection:
    """List the updates of datasets."""
    asked = call.query
    wanted = EventFilter(
        readable=call.caller.dags(),
        asset_id=asked.dataset_id,
        dag_id=asked.source_dag_id,
        task_id=asked.source_task_id,
        run_id=asked.source_run_id,
        map_index=asked.source_map_index,
    )
    with call.reading() as conn:
        return _events(call, conn, page(call.site, asked), wanted)


@route(
    "GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamDatasetEvents",
    may=on_dag(READ, "DAG Runs"), tag="DAGRun",
)  # fmt: skip
def get_upstream_dataset_events(
    call: Call[NoQuery, None], dag_id: str, dag_run_id: str
) -> DatasetEventCollection:
    """List the updates for which a run was made."""
    with call.reading() as conn:
        run = require_run(conn, dag_id, dag_run_id)
        wanted = EventFilter(readable=call.caller.dags(), taken_by=run.id)
        return _events(call, conn, StorePage(EVENTS_MAX), wanted)


@route("POST", "/datasets/events", may=Needs(CREATE, DATASETS), tag="Dataset", errors=(404,))
def create_dataset_event(call: Call[NoQuery, NewEvent]) -> DatasetEvent:
    """Say that a dataset was updated from outside."""
    uri, extra = call.body.dataset_uri, {"from_rest_api": True, **(call.body.extra or {})}
    with call.writing() as conn:
        row = asset_lists.one(conn, uri)
        if row is None:
            raise NotFound(f"there is no dataset {uri!r}")
        assets.post(conn, (ASSET, uri), extra, call.caller.name, call.now)
        latest = StorePage(1, order_by="-id")
        found = _events(call, conn, latest, EventFilter(asset_id=row.id))
    return found.dataset_events[0]


def _events(
    call: Call[Any, Any], conn: Connection, part: StorePage, wanted: EventFilter
) -> DatasetEventCollection:
    found = asset_lists.events(conn, part, wanted)
    made = asset_lists.runs_of(conn, [row.id for row in found.rows])
    listed = [
        DatasetEvent(
            row.id,
            row.asset_id,
            row.uri,
            row.extra or {},
            row.source_dag_id,
            row.source_task_id,
            row.source_run_id,
            row.source_map_index if row.source_dag_id else None,
            [_run(run) for run in made[row.id] if call.caller.may_dag(READ, run.dag_id)],
            shown(row.at),
        )
        for row in found.rows
    ]
    return DatasetEventCollection(listed, found.total)


def _run(row: Any) -> BasicDAGRun:
    return BasicDAGRun(
        row.run_id,
        row.dag_id,
        shown(row.logical_date),
        shown(row.start_date),
        shown(row.end_date),
        shown(row.data_interval_start),
        shown(row.data_interval_end),
        row.state,
    )


# ------------------------------------------------------------------------------ what waits


@route("GET", "/datasets/queuedEvent/{uri}", may=Needs(READ, DATASETS), tag="Dataset")
def get_dataset_queued_events(call: Call[Before, None], uri: str) -> QueuedEventCollection:
    """List the DAGs for which an update of a dataset waits."""
    return _queued(call, QueueFilter(call.caller.dags(), None, uri, call.query.before))


@route("DELETE", "/datasets/queuedEvent/{uri}", may=Needs(DELETE, DATASETS), tag="Dataset")
def delete_dataset_queued_events(call: Call[Before, None], uri: str) -> None:
    """Forget that an update of a dataset waits, for all DAGs."""
    _unqueue(call, QueueFilter(call.caller.dags(), None, uri, call.query.before))


QUEUE = "/dags/{dag_id}/datasets/queuedEvent"


@route("GET", QUEUE, may=on_dag(READ, DATASETS), tag="Dataset")
def get_dag_dataset_queued_events(call: Call[Before, None], dag_id: str) -> QueuedEventCollection:
    """List the updates that wait for a DAG."""
    return _queued(call, QueueFilter(None, dag_id, None, call.query.before))


@route("DELETE", QUEUE, may=Needs(DELETE, DATASETS, READ), tag="Dataset")
def delete_dag_dataset_queued_events(call: Call[Before, None], dag_id: str) -> None:
    """Forget the updates that wait for a DAG."""
    _unqueue(call, QueueFilter(None, dag_id, None, call.query.before))


@route("GET", QUEUE + "/{uri}", may=on_dag(READ, DATASETS), tag="Dataset")
def get_dag_dataset_queued_event(call: Call[Before, None], dag_id: str, uri: str) -> QueuedEvent:
    """Return the update of a dataset that waits for a DAG."""
    return _queued(call, QueueFilter(None, dag_id, uri, call.query.before)).queued_events[0]


@route("DELETE", QUEUE + "/{uri}", may=Needs(DELETE, DATASETS, READ), tag="Dataset")
def delete_dag_dataset_queued_event(call: Call[Before, None], dag_id: str, uri: str) -> None:
    """Forget the update of a dataset that waits for a DAG."""
    _unqueue(call, QueueFilter(None, dag_id, uri, call.query.before))


def _queued(call: Call[Before, None], wanted: QueueFilter) -> QueuedEventCollection:
    with call.reading() as conn:
        if wanted.dag_id is not None:
            require_dag(conn, wanted.dag_id)
        rows = asset_lists.queued(conn, wanted)
    if not rows:
        raise NotFound("no update waits there")
    listed = [QueuedEvent(row.uri, row.dag_id, shown(row.created_at)) for row in rows]
    return QueuedEventCollection(listed, len(listed))


def _unqueue(call: Call[Before, None], wanted: QueueFilter) -> None:
    with call.writing() as conn:
        if not asset_lists.unqueue(conn, wanted):
            raise NotFound("no update waits there")
        call.audit(conn, "asset.unqueue", dag_id=wanted.dag_id, detail={"uri": wanted.uri})
