"""XComs of a task instance."""

from typing import Any

import msgspec

from flowctl.authoring.masking import redact
from flowctl.store.queries import xcoms
from flowctl.store.roles import READ
from flowctl.web.api import task_choice
from flowctl.web.api.runs import require_run
from flowctl.web.api.task_instances import ONE, require_task
from flowctl.web.call import Call
from flowctl.web.paging import Number, Page, page
from flowctl.web.problems import NotFound
from flowctl.web.reading import DEPTH_MAX, When, shown
from flowctl.web.routes import on_dag, route

XCOMS = "XComs"


class XComItem(msgspec.Struct):
    key: str
    timestamp: When
    execution_date: When
    map_index: int
    task_id: str
    dag_id: str


class XComCollection(msgspec.Struct):
    xcom_entries: list[XComItem]
    total_entries: int


class XCom(XComItem):
    value: Any


class XComsQuery(Page, kw_only=True):
    map_index: Number | None = None
    xcom_key: str | None = None


class XComQuery(msgspec.Struct):
    map_index: Number = -1
    deserialize: bool = False
    stringify: bool = True


@route("GET", ONE + "/xcomEntries", may=on_dag(READ, XCOMS), tag="XCom")
def get_xcom_entries(
    call: Call[XComsQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> XComCollection:
    """List the XComs of a task instance, without their values; ~ is any DAG, run or task."""
    asked = call.query
    wanted = xcoms.XComFilter(
        readable=call.caller.dags(),
        dag_id=_named(dag_id),
        run_id=_named(dag_run_id),
        task_id=_named(task_id),
        map_index=asked.map_index,
        key=asked.xcom_key,
    )
    with call.reading() as conn:
        found = xcoms.listed(conn, page(call.site, asked), wanted)
    return XComCollection([_item(row) for row in found.rows], found.total)


class XComRow(msgspec.Struct):
    """An XCom of the list; its value as JSON, cut where it is long."""

    dag_id: str
    dag_run_id: str
    task_id: str
    map_index: int
    key: str
    timestamp: When
    value: str
    is_cut: bool


class XComRows(msgspec.Struct):
    xcoms: list[XComRow]
    total_entries: int


class XComSearch(Page, kw_only=True):
    """What the names must contain."""

    dag_id: str = ""
    run_id: str = ""
    task_id: str = ""
    key: str = ""


SHOWN_MAX = 4_000  # characters of a value in a list


@route("GET", "/ui/xcoms", may=on_dag(READ, XCOMS), tag="View")
def get_xcom_list(call: Call[XComSearch, None]) -> XComRows:
    """List XComs of all DAGs with the beginning of their values, the latest first."""
    asked = call.query
    parts = {
        "dag_id": asked.dag_id,
        "run_id": asked.run_id,
        "task_id": asked.task_id,
        "key": asked.key,
    }
    with call.reading() as conn:
        found = xcoms.searched(conn, page(call.site, asked), call.caller.dags(), parts)
    return XComRows([_listed(row) for row in found.rows], found.total)


def _listed(row: Any) -> XComRow:
    shown_value = redact(msgspec.json.decode(row.value), row.key, DEPTH_MAX)
    text = msgspec.json.encode(shown_value).decode()
    return XComRow(
        row.dag_id,
        row.run_id,
        row.task_id,
        row.map_index,
        row.key,
        shown(row.created_at),
        text[:SHOWN_MAX],
        len(text) > SHOWN_MAX,
    )


def _named(part: str) -> str | None:
    return None if part == "~" else part


@route("GET", ONE + "/xcomEntries/{xcom_key}", may=on_dag(READ, XCOMS), tag="XCom")
def get_xcom_entry(
    call: Call[XComQuery, None], dag_id: str, dag_run_id: str, task_id: str, xcom_key: str
) -> XCom:
    """Return one XCom; its value as text unless `stringify` is false."""
    asked = call.query
    with call.reading() as conn:
        require_run(conn, dag_id, dag_run_id)
        require_task(conn, dag_id, dag_run_id, task_id, asked.map_index)
        row = xcoms.one(conn, dag_id, dag_run_id, task_id, asked.map_index, xcom_key)
    if row is None:
        raise NotFound(f"task {task_id!r} left no XCom {xcom_key!r} in run {dag_run_id!r}")
    value = redact(msgspec.json.decode(row.value), xcom_key, DEPTH_MAX)
    item = msgspec.structs.asdict(_item(row))
    return XCom(**item, value=str(value) if asked.stringify else value)


def _item(row: Any) -> XComItem:
    return XComItem(
        row.key,
        shown(row.created_at),
        shown(row.logical_date),
        row.map_index,
        row.task_id,
        row.dag_id,
    )


class LinkQuery(msgspec.Struct):
    map_index: Number = -1


@route("GET", ONE + "/links", may=on_dag(READ, "Task Instances"), tag="TaskInstance")
def get_extra_links(
    call: Call[LinkQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> dict[str, str | None]:
    """Return the links that the operator of a task gives, by their names."""
    map_index = call.query.map_index
    with call.reading() as conn:
        run = require_run(conn, dag_id, dag_run_id)
        require_task(conn, dag_id, dag_run_id, task_id, map_index)
        spec = task_choice.specs(conn, {run.version_id})[run.version_id].get(task_id)
        keys = spec.extra_links if spec else {}
        rows = {
            name: xcoms.one(conn, dag_id, dag_run_id, task_id, map_index, key)
            for name, key in keys.items()
        }
    return {
        name: row and str(redact(msgspec.json.decode(row.value), row.key))
        for name, row in rows.items()
    }
