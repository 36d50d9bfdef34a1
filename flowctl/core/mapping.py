"""Into how many instances is a mapped task expanded?

The answer is a `Length` of the spec: a number, or a small calculation over the results of other
tasks, which is known once they have run. Nothing here knows where results are.
"""

import math
from collections.abc import Callable, Iterator

from flowctl.core.spec import DagSpec, Length
from flowctl.core.states import TaskState
from flowctl.core.trigger_rules import Verdict

UNMAPPABLE = {
    TaskState.FAILED: Verdict.UPSTREAM_FAILED,
    TaskState.UPSTREAM_FAILED: Verdict.UPSTREAM_FAILED,
    TaskState.SKIPPED: Verdict.SKIP,
}
"""What becomes of a task that is mapped over the result of a task in these states."""

_COMBINED: dict[str, Callable[[list[int]], int]] = {
    "product": math.prod,
    "sum": sum,
    "shortest": min,
    "longest": max,
}


def known(length: Length) -> int | None:
    """Return the number if the DAG file alone says it, None if it depends on results."""
    return count(length, lambda _: None)


def count(length: Length, result: Callable[[str], int | None]) -> int | None:
    """Return into how many instances a task is expanded.

    Args:
        length: how it is worked out.
        result: returns how many elements the result of a task has, None if that is not known.

    Returns:
        None as long as one of the results is not known.
    """
    if length.kind == "count":
        return length.count
    if length.kind == "result":
        return result(length.task_id)
    parts = [count(part, result) for part in length.parts]
    found = [part for part in parts if part is not None]
    return _COMBINED[length.kind](found) if len(found) == len(parts) else None


def sources(length: Length) -> Iterator[str]:
    """Yield the tasks whose results decide the length; one may come several times."""
    if length.kind == "result":
        yield length.task_id
    for part in length.parts:
        yield from sources(part)


def mapped_groups(spec: DagSpec) -> dict[str, str]:
    """Return, for each task in a mapped group, the innermost one."""
    groups = {group.group_id: group for group in spec.groups}
    if all(group.length is None for group in spec.groups):
        return {}
    found: dict[str, str] = {}
    for task in spec.tasks:
        group = groups.get(task.group or "")
        while group is not None and group.length is None:
            group = groups.get(group.parent or "")
        if group is not None:
            found[task.task_id] = group.group_id
    return found


def lengths(spec: DagSpec) -> dict[str, Length]:
    """Return how each task is expanded that has a length, of its own or of its mapped group."""
    groups = {group.group_id: group.length for group in spec.groups}
    around = mapped_groups(spec)
    found: dict[str, Length] = {}
    for task in spec.tasks:
        length = task.length or groups.get(around.get(task.task_id, ""))
        if length is not None:
            found[task.task_id] = length
    return found
