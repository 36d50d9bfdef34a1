"""What does `xcom_pull` return, by what was asked for?"""

from collections.abc import Sequence
from typing import Any

from flowctl.authoring import xcom_backend
from flowctl.authoring.ports import Ports, XComQuery, XComRow
from flowctl.authoring.xcom import LazyXComSelectSequence


def listed(given: Any) -> list[Any] | None:
    """Return ids or indexes as a list; None, which means any, stays None."""
    if given is None:
        return None
    return [given] if isinstance(given, str | int) else list(given)


def is_single(given: Any) -> bool:
    """Say whether one value is asked for by these ids or indexes."""
    return given is None or isinstance(given, str | int)


def pull(
    ports: Ports, query: XComQuery, *, single: bool, default: Any, own: Sequence[XComRow] = ()
) -> Any:
    """Return one value, or the list of all that match in the order that was asked for.

    Args:
        single: one value is meant; of a mapped task, a lazy list of what all its instances left.
        default: what to return for a single value that there is not.
        own: XComs that nobody else can see yet; they come first.
    """
    rows = [*own, *ports.xcoms(query)]
    if single:
        return _one(rows, query, default)
    rows.sort(key=lambda row: _place(row, query))
    return [xcom_backend.read(row, query.dag_id) for row in rows]


def _one(rows: Sequence[XComRow], query: XComQuery, default: Any) -> Any:
    """Return the newest value; of a mapped task, those of all its instances in that run."""
    if not rows:
        return default
    first = rows[0]
    if query.map_indexes is not None or first.map_index < 0:
        return xcom_backend.read(first, query.dag_id)
    mapped = [row for row in rows if (row.task_id, row.run_id) == (first.task_id, first.run_id)]
    mapped.sort(key=lambda row: row.map_index)
    return LazyXComSelectSequence(mapped, query.dag_id)


def _place(row: XComRow, query: XComQuery) -> tuple[Any, ...]:
    """Return what a list of XComs is sorted by."""
    task = query.task_ids.index(row.task_id) if query.task_ids else row.task_id
    instance = query.map_indexes.index(row.map_index) if query.map_indexes else row.map_index
    return (task, instance)
